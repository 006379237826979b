"""Documents that are written to files and read from them again."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.flow.document import read_flow, write_flow
from tests.support.definitions import definitions
from trunkline.cli.files import document_text, read_file

odd_texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20) | st.sampled_from(
    [
        "2030-01-31T09:00:00+08:00",
        "12:30",
        "1e3",
        "on",
        "~",
        "a: b",
        "- x",
        "---",
        "${inputs.ip}",
        "line\nline\n",
        " a ",
    ]
)
odd_values = st.recursive(
    odd_texts | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(odd_texts, inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize("name", ["flow.yaml", "flow.json"])
@settings(max_examples=25)
@given(drawn=definitions(), odd=odd_values)
def test_a_flow_comes_out_of_its_file_as_it_went_in(name: str, drawn: dict[str, Any], odd: Any) -> None:
    first = {**drawn["nodes"][1], "kind": "plugin", "plugin": "any", "version": "1.0.0", "inputs": {"odd": odd}}
    own = {"name", "lock", "retry", "timeout", "on_failure", "optional", "retryable", "skippable"}
    first = {key: value for key, value in first.items() if key in own | {"id", "kind", "plugin", "version", "inputs"}}
    nodes = [drawn["nodes"][0], first, *drawn["nodes"][2:]]
    document = write_flow(read_flow({**drawn, "nodes": nodes}))
    with TemporaryDirectory() as folder:
        file = Path(folder) / name
        file.write_text(document_text(document, name), encoding="utf-8")
        assert write_flow(read_flow(read_file(file))) == document
