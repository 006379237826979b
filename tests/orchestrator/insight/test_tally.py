import pytest

from orchestrator.insight.tally import Steps

INSIDE = {"nodes": [{"id": "start", "kind": "start"}, {"id": "ask", "kind": "plugin", "plugin": "ask"}]}
FLOW = {
    "nodes": [
        {"id": "start", "kind": "start"},
        {"id": "find", "kind": "plugin", "plugin": "find"},
        {"id": "each", "kind": "map", "flow": "inside", "revision": 2},
        {"id": "sub", "kind": "subflow", "flow": "outer", "revision": 1},
        {"id": "meet", "kind": "join"},
    ],
    "subflows": {
        "inside@2": INSIDE,
        "outer@1": {"nodes": [{"id": "deep", "kind": "subflow", "flow": "inside", "revision": 2}]},
    },
}


@pytest.mark.parametrize(
    ("path", "plugin"),
    [("find", "find"), ("each[7].ask", "ask"), ("sub.deep.ask", "ask"), ("sub", None), ("each[0]", None)],
)
def test_a_step_is_found_by_its_path(path: str, plugin: str | None) -> None:
    found = Steps(FLOW).at(path)
    assert found is not None
    assert found.get("plugin") == plugin


@pytest.mark.parametrize("path", ["start", "meet", "gone", "sub.ask", "sub.deep.start", "find.ask", "each[1].gone"])
def test_what_is_no_step_is_not(path: str) -> None:
    assert Steps(FLOW).at(path) is None
