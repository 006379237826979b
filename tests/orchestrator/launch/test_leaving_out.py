from typing import Any

import pytest

from orchestrator.launch.errors import NodesRefused
from orchestrator.launch.leaving_out import without
from tests.support.orchestrator import flow_of, plugin_node


def _deciding_by(condition: str) -> dict[str, Any]:
    nodes = [plugin_node("a", optional=True), {"id": "how", "kind": "exclusive"}, plugin_node("b")]
    return flow_of(*nodes, edges=["start>a", "a>how", f"how>b?{condition}", "how>end?", "b>end"])


def test_what_a_condition_surely_reads_is_not_left_out() -> None:
    with pytest.raises(NodesRefused) as caught:
        without(_deciding_by("nodes.a.outputs.n > 1"), ["a"])
    assert [(each.field, each.problem) for each in caught.value.fields] == [("/leave_out/0", "how needs what a gives")]


def test_a_condition_may_ask_whether_a_node_was_left_out() -> None:
    assert without(_deciding_by("has(nodes.a) && nodes.a.outputs.n > 1"), ["a"])["left_out"] == ["a"]
