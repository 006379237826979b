from collections.abc import Mapping
from typing import Any

import pytest

from orchestrator.flow.document import read_flow, write_flow
from orchestrator.flow.model import Kept
from orchestrator.launch.beginning import beginning_at
from orchestrator.launch.errors import NodesRefused
from orchestrator.launch.requests import Continuation
from tests.support.orchestrator import flow_of, plugin_node

DONE = Kept("FINISHED", {"ip": "10.0.0.1"})
EARLIER: Mapping[str, Kept] = {"start": Kept("FINISHED"), "a": DONE, "c": DONE}
LINE = flow_of(plugin_node("a"), plugin_node("b", inputs={"host": "${nodes.a.outputs.ip}"}), plugin_node("c"))
FORKED = flow_of(
    plugin_node("a"),
    {"id": "fork", "kind": "parallel", "name": "Both"},
    plugin_node("b"),
    plugin_node("c"),
    {"id": "meet", "kind": "join"},
    plugin_node("d"),
    edges=["start>a", "a>fork", "fork>b", "fork>c", "b>meet", "c>meet", "meet>d", "d>end"],
)


def _begin(definition: dict[str, Any], node: str, earlier: Mapping[str, Kept] = EARLIER) -> dict[str, Any]:
    begin: dict[str, Any] = beginning_at(definition, Continuation("t", node, earlier))["begin"]
    return begin


def _refused(definition: dict[str, Any], node: str, earlier: Mapping[str, Kept] = EARLIER) -> str:
    with pytest.raises(NodesRefused) as caught:
        _begin(definition, node, earlier)
    (field, *_) = caught.value.fields
    assert field.field == "/node"
    return f"{field.problem}. {field.remedy}"


def test_what_leads_to_the_node_is_kept_and_nothing_else() -> None:
    begun = beginning_at(LINE, Continuation("t", "b", EARLIER))
    assert begun["begin"] == {
        "node": "b",
        "kept": {"start": {"state": "FINISHED"}, "a": {"state": "FINISHED", "outputs": {"ip": "10.0.0.1"}}},
    }
    assert write_flow(read_flow(begun))["begin"] == begun["begin"]


@pytest.mark.parametrize("node", ["fork", "d"])
def test_a_task_begins_in_front_of_branches_and_behind_their_join(node: str) -> None:
    assert _begin(FORKED, node)["node"] == node


@pytest.mark.parametrize(
    ("node", "told"),
    [
        ("b", "b lies in a branch of Both, which the earlier task had not come to. Begin at Both or before it"),
        ("meet", "meet lies in a branch of Both, which the earlier task had not come to. Begin at Both or before it"),
        ("start", "start is the flow's start. Launch the flow anew"),
        ("end", "end is the flow's end. Launch the flow anew"),
        ("x", "the flow has no node 'x'. Name one of its nodes, inside a subflow by the path"),
    ],
)
def test_where_no_task_can_begin(node: str, told: str) -> None:
    assert _refused(FORKED, node) == told


def test_a_task_begins_in_a_branch_once_the_others_have_come_to_the_join() -> None:
    passed = {**EARLIER, "fork": Kept("FINISHED")}
    assert set(_begin(FORKED, "b", passed)["kept"]) == {"start", "a", "fork", "c"}
    told = "c lies in a branch of Both, and another one had not got beyond b. Begin at Both, or behind its join"
    assert _refused(FORKED, "c", passed) == told
    for stopped in ("b", "c"):
        beyond = {name: kept for name, kept in {**passed, "b": DONE}.items() if name != stopped}
        assert f"meet lies in a branch of Both, and another one had not got beyond {stopped}" in _refused(
            FORKED, "meet", beyond
        )
    assert set(_begin(FORKED, "meet", {**passed, "b": DONE})["kept"]) == {"start", "a", "fork", "b", "c"}


def test_a_fork_of_one_branch_must_have_been_passed_too() -> None:
    edges = ["start>a", "a>fork", "fork>b", "b>meet", "meet>d", "d>end"]
    nodes = [node for node in FORKED["nodes"] if node["id"] in {"a", "fork", "b", "meet", "d"}]
    alone = flow_of(*nodes, edges=edges)
    assert _refused(alone, "b").startswith("b lies in a branch of Both, which the earlier task had not come to")
    assert _begin(alone, "b", {**EARLIER, "fork": DONE})["node"] == "b"


def test_a_branch_that_was_not_taken_has_come_to_the_join() -> None:
    some = {"id": "fork", "kind": "inclusive", "name": "Both"}
    nodes = [some if node["id"] == "fork" else node for node in FORKED["nodes"]]
    earlier = {"a": DONE, "fork": Kept("FINISHED"), "c": Kept("NOT_TAKEN")}
    assert _begin({**FORKED, "nodes": nodes}, "b", earlier)["kept"]["c"] == {"state": "NOT_TAKEN"}


@pytest.mark.parametrize("earlier", [{}, {"a": Kept("SKIPPED")}])
def test_what_the_rest_needs_must_have_been_given(earlier: dict[str, Kept]) -> None:
    assert _refused(LINE, "b", earlier) == "b needs what a gives, and it has given nothing. Begin at a or before it"


def _asking(condition: str, source: str) -> dict[str, Any]:
    """Behind a step a choice by a condition, and an expression."""
    total = {"id": "total", "kind": "expression", "values": {"n": source}}
    return flow_of(
        plugin_node("a"),
        {"id": "how", "kind": "exclusive"},
        total,
        edges=["start>a", "a>how", f"how>total?{condition}", "how>end?", "total>end"],
    )


@pytest.mark.parametrize(
    ("condition", "source", "who"),
    [("nodes.a.outputs.n > 1", "1", "how"), ("inputs.n > 1", "nodes.a.outputs.n + 1", "total")],
)
def test_what_expressions_and_conditions_surely_read_must_have_been_given(
    condition: str, source: str, who: str
) -> None:
    told = f"{who} needs what a gives, and it has given nothing. Begin at a or before it"
    assert _refused(_asking(condition, source), "how", {}) == told
    assert "a" in _begin(_asking(condition, source), "how")["kept"]


@pytest.mark.parametrize(
    "asked",
    [
        "has(nodes.a)",
        "has(nodes.a) && nodes.a.outputs.n > 1",
        "inputs.n > 1 || nodes.a.outputs.n > 1",
        "(inputs.n > 1 ? 1 : nodes.a.outputs.n) > 0",
        "inputs.all.exists(each, each == nodes.a.outputs.n)",
    ],
)
def test_an_expression_may_ask_whether_a_node_has_run(asked: str) -> None:
    assert _begin(_asking(asked, asked), "how", {})["node"] == "how"


def test_of_a_node_that_was_passed_over_the_state_is_seen_and_no_output() -> None:
    passed = {"a": Kept("IGNORED")}
    state = flow_of(plugin_node("a"), plugin_node("b", inputs={"was": "${nodes.a.state}"}))
    assert set(_begin(state, "b", passed)["kept"]) == {"a"}
    assert _refused(LINE, "b", passed).startswith("b needs what a gives")


def test_what_runs_again_anyway_need_not_have_been_given() -> None:
    again = flow_of(
        plugin_node("a"),
        plugin_node("b", inputs={"host": "${nodes.a.outputs.ip}"}),
        {"id": "how", "kind": "exclusive"},
        edges=["start>a", "a>b", "b>how", "how>a?nodes.a.loop < 2", "how>end?"],
    )
    assert _begin(again, "how", {}) == {"node": "how", "kept": {}}
