"""What hosts say of themselves is believed only as far as it is facts."""

import pytest

from adapters.cmdb.service.imports.sources.facts import properties_of, read_facts


@pytest.mark.parametrize(
    "hostile", ["", "=", "cpus=" + "9" * 5000, "cpus=-1\nmemory_kb=x", "a=b\n" * 9999, "\x00=\x00"]
)
def test_no_answer_of_a_host_is_more_than_facts(hostile: str) -> None:
    assert set(properties_of(read_facts(hostile)).values()) <= {None, ""}
