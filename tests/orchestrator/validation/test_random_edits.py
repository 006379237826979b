"""Whatever somebody makes of a definition is either read and judged, or refused with the place."""

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.flow.document import read_flow, write_flow
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import Flow
from orchestrator.flow.problems import FlowUnreadable
from orchestrator.validation.plugins import KnownPlugin
from orchestrator.validation.rules import Surroundings, validate
from orchestrator.validation.subflows import KnownSubflow
from tests.support.orchestrator import flow_of, plugin_node

_INPUTS = {"type": "object", "properties": {"line": {"type": "string"}, "token": {"type": "string", "writeOnly": True}}}
FORM = {
    "schema": {"type": "object", "properties": {"pw": {"type": "string", "writeOnly": True}, "n": {"type": "integer"}}}
}
AROUND = Surroundings({("echo", "1.0.0"): KnownPlugin(_INPUTS, {})}, {("inner", None): KnownSubflow(_INPUTS)})
STEPS = {"retry": {"times": 1}, "timeout": {"seconds": 5}, "lock": {"key": "k-${inputs.n}", "limit": 2}}
GOOD = flow_of(
    plugin_node("a", inputs={"line": "${inputs.n}", "token": "${inputs.pw}"}, on_failure="handle", **STEPS),
    {"id": "t", "kind": "timer", "seconds": "${inputs.n}"},
    {"id": "w", "kind": "wait", "event": "paid", "key": "${inputs.n}"},
    {"id": "c", "kind": "approval", "message": "?", "approvers": ["${task.created_by}"], "form": FORM},
    {"id": "y", "kind": "notify", "title": "t", "people": ["ann"], "launcher": True},
    {"id": "x", "kind": "expression", "values": {"v": "inputs.n + 1"}},
    {"id": "how", "kind": "exclusive"},
    {"id": "fork", "kind": "parallel"},
    {"id": "s", "kind": "subflow", "flow": "inner", "inputs": {"line": "x"}},
    {"id": "m", "kind": "map", "flow": "inner", "items": [1], "inputs": {"line": "${item}"}},
    {"id": "meet", "kind": "join"},
    edges=[*("start>a", "a>t", "t>w", "w>c", "c>y", "y>x", "x>how", "how>fork?nodes.x.outputs.v > 1", "how>end?"),
           *("fork>s", "fork>m", "s>meet", "m>meet", "meet>end")],
    form=FORM,
    outputs={"v": "${nodes.x.outputs.v}"},
)  # fmt: skip
GOOD["edges"].append({"id": "f", "source": "a", "target": "end", "failure": True})

WORDS = st.sampled_from(
    ["a", "x", "start", "end", "plugin", "map", "${inputs.n}", "${", "${nodes.x.outputs.v}", "1 +", ""]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 10**12) | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.sampled_from(sorted(STEPS)), inner, max_size=3)
    ),
    max_leaves=6,
)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container of a document with each of its keys."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


def test_the_definition_that_is_edited_is_a_good_one() -> None:
    assert [found for found in validate(Graph(read_flow(GOOD)), AROUND) if found.blocking] == []


@settings(max_examples=60)
@given(st.data())
def test_an_edit_is_judged_or_refused_with_its_place(data: st.DataObject) -> None:
    edited = copy.deepcopy(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        places = list(_places(edited))
        container, key = places[data.draw(st.integers(0, len(places) - 1))]
        if data.draw(st.booleans()):
            container[key] = data.draw(VALUES)
        elif isinstance(container, dict):
            del container[key]
        else:
            container.insert(key, copy.deepcopy(container[-1]))
    try:
        flow = read_flow(edited)
    except FlowUnreadable as refused:
        unreadable = refused.problems
    else:
        _judge(flow)
        return
    assert all(problem.field and problem.message for problem in unreadable)


def _judge(flow: Flow) -> None:
    assert read_flow(write_flow(flow)) == flow
    for problem in validate(Graph(flow), AROUND):
        assert problem.rule
        assert problem.message
        assert problem.node_id or problem.edge_id or problem.field or problem.rule in {"one_start", "an_end"}, problem
