"""A task that begins at a node in a subflow: what of the flows around it is kept, and where none can begin."""

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
FORM = {"schema": {"type": "object", "properties": {"host": {"type": "string"}}}}
INNER = flow_of(
    plugin_node("a"),
    {"id": "fork", "kind": "parallel", "name": "Both"},
    plugin_node("b", inputs={"host": "${nodes.a.outputs.ip}"}),
    plugin_node("c"),
    {"id": "meet", "kind": "join"},
    edges=["start>a", "a>fork", "fork>b", "fork>c", "b>meet", "c>meet", "meet>end"],
    form=FORM,
)


def called(identifier: str, flow: str, kind: str = "subflow", **rest: Any) -> dict[str, Any]:
    return {"id": identifier, "kind": kind, "flow": flow, "revision": 1, "inputs": {}, **rest}


MIDDLE = flow_of(
    plugin_node("before"), called("deep", "inner", name="Deep down", inputs={"host": "${nodes.before.outputs.ip}"})
)
OUTER = flow_of(
    plugin_node("first"),
    called("sub", "middle", inputs={"host": "${nodes.first.outputs.ip}", "more": "${nodes.gone.outputs.ip}"}),
    called("each", "inner", kind="map", items=[1], name="For each"),
    plugin_node("after", inputs={"x": "${nodes.sub.outputs}"}),
    subflows={"inner@1": INNER, "middle@1": MIDDLE},
)
EARLIER = {
    **dict.fromkeys(("start", "sub.start", "sub.deep.start", "sub.deep.fork"), Kept("FINISHED")),
    **dict.fromkeys(("first", "sub.before", "sub.deep.a", "sub.deep.c"), DONE),
}
ENTERED: Mapping[str, Any] = {"sub": {"host": "x", "more": "y"}, "sub.deep": {"host": "y", "old": 1}}


def _begin(
    node: str, definition: Mapping[str, Any] = OUTER, earlier: Mapping[str, Kept] = EARLIER, entered: Any = ENTERED
) -> dict[str, Any]:
    begun = beginning_at(definition, Continuation("t", node, earlier, entered))
    assert write_flow(read_flow(begun))["begin"] == begun["begin"]
    begin: dict[str, Any] = begun["begin"]
    return begin


def _refused(node: str, **changed: Any) -> str:
    with pytest.raises(NodesRefused) as caught:
        _begin(node, **changed)
    (field, *_) = caught.value.fields
    assert field.field == "/node"
    return f"{field.problem}. {field.remedy}"


def test_what_leads_to_the_node_is_kept_of_every_flow_it_lies_in() -> None:
    begin = _begin("sub.deep.b")
    assert begin["node"] == "sub.deep.b"
    assert set(begin["kept"]) == set(EARLIER)
    assert begin["kept"]["sub.deep.a"] == {"state": "FINISHED", "outputs": {"ip": "10.0.0.1"}}


def test_the_flows_keep_the_inputs_they_had_but_for_those_that_nothing_asks_for_any_more() -> None:
    assert _begin("sub.deep.b")["entered"] == {"sub": {"host": "x", "more": "y"}, "sub.deep": {"host": "y"}}


def test_a_task_at_a_node_of_its_own_flow_keeps_nothing_of_those_inside() -> None:
    begin = _begin("after", earlier={**EARLIER, "sub": DONE})
    assert (set(begin["kept"]), "entered" in begin) == ({"start", "first", "sub"}, False)


@pytest.mark.parametrize(
    ("node", "told"),
    [
        ("sub.deep.x", "Deep down has no node 'x' inside. Name one inside, or begin at Deep down"),
        ("sub.x.b", "sub has no node 'x' inside. Name one inside, or begin at sub"),
        ("first.b", "first has no node 'b' inside. Name one inside, or begin at first"),
        ("x.b", "the flow has no node 'x'. Name one of its nodes, inside a subflow by the path"),
        ("sub.deep.start", "start is the start of Deep down. Begin at Deep down"),
        ("sub.deep.end", "end is the end of Deep down. Begin at a node before it, or behind Deep down"),
        *(
            (node, f"{label} lies in the loop For each, and no task begins in one of its items. {remedy}")
            for label, node in (("a", "each[0].a"), ("a", "each.a"), ("For each", "each[0]"), ("x", "each[0].x"))
            for remedy in ["Begin at For each: all of its items run again"]
        ),
    ],
)
def test_where_no_task_can_begin(node: str, told: str) -> None:
    assert _refused(node) == told


def test_the_earlier_task_must_have_come_to_the_subflow() -> None:
    told = "b lies in Deep down, which the earlier task had not come to. Begin at Deep down or before it"
    assert _refused("sub.deep.b", entered={"sub": {}}) == told


def test_a_subflow_that_the_task_does_without_is_not_begun_in() -> None:
    told = "deep lies in sub, which the task does without"
    assert _refused("sub.deep", definition={**OUTER, "left_out": ["sub"]}).startswith(
        told.replace("deep lies", "Deep down lies")
    )


def test_branches_inside_must_have_come_to_their_join() -> None:
    told = "b lies in a branch of Both, and another one had not got beyond c. Begin at Both, or behind its join"
    assert _refused("sub.deep.b", earlier={name: kept for name, kept in EARLIER.items() if name[-1] != "c"}) == told
    told = "b lies in a branch of Both, which the earlier task had not come to. Begin at Both or before it"
    assert _refused("sub.deep.b", earlier={name: kept for name, kept in EARLIER.items() if name[-4:] != "fork"}) == told


def test_what_is_wrong_farthest_out_is_told_first() -> None:
    refused = _refused("sub.deep.b", earlier={}, entered={"sub": {}, "sub.deep": {}})
    assert refused == "sub needs what first gives, and it has given nothing. Begin at first or before it"


def test_what_the_rest_of_a_flow_needs_must_have_been_given_there() -> None:
    told = "b needs what a gives, and it has given nothing. Begin at a or before it"
    assert _refused("sub.deep.b", earlier={**EARLIER, "sub.deep.a": Kept("SKIPPED"), "a": DONE}) == told


def test_inputs_that_the_subflow_had_are_not_worked_out_again_but_others_are() -> None:
    assert "first" not in _begin("sub.deep", earlier={"sub.before": DONE})["kept"]
    told = "sub needs what gone gives, and it has given nothing. Begin at gone or before it"
    assert _refused("sub.deep", entered={"sub": {"host": "x"}}) == told
    ways = [("start", "first"), ("first", "sub"), ("sub", "after"), ("after", "end")]
    edges = [{"id": f"{a}-{b}", "source": a, "target": b} for a, b in [*ways, ("after", "sub")]]
    again = {**OUTER, "nodes": [node for node in OUTER["nodes"] if node["id"] != "each"], "edges": edges}
    assert _refused("sub.deep", definition=again).startswith("sub needs what gone gives")
