import pytest

from kernel.host_addresses import split_addresses


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("10.0.0.1", [(0, "10.0.0.1")]),
        (" 10.0.0.1,3:10.0.0.2\r\n10.0.0.3; \n", [(0, "10.0.0.1"), (3, "10.0.0.2"), (0, "10.0.0.3")]),
        ("fe80::1 3:fe80", [(0, "fe80::1"), (0, "3:fe80")]),
        (" ,;\n", []),
    ],
)
def test_addresses_are_told_apart_and_their_cloud_areas_read(text: str, found: list[tuple[int, str]]) -> None:
    assert split_addresses(text) == found
