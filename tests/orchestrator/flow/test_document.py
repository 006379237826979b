import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.flow.document import read_flow, write_flow
from orchestrator.flow.model import NodeKind, PluginNode
from orchestrator.flow.problems import FlowUnreadable

DOCUMENT = {
    "nodes": [
        {"id": "start", "kind": "start"},
        {
            "id": "find",
            "kind": "plugin",
            "name": "Find host",
            "plugin": "cmdb_find_host",
            "version": "1.0.0",
            "inputs": {"ip": "${inputs.ip}"},
            "retryable": True,
            "skippable": False,
        },
        {"id": "fork", "kind": "exclusive"},
        {"id": "end", "kind": "end"},
        {
            "id": "sleep",
            "kind": "timer",
            "seconds": "${inputs.n}",
            "retryable": False,
            "skippable": True,
            "optional": True,
            "retry": {"times": 2, "interval": 5, "factor": 1.5},
            "timeout": {"seconds": 60, "action": "skip"},
            "on_failure": "ignore",
        },
        {
            "id": "ask",
            "kind": "approval",
            "message": "Go?",
            "form": {"schema": {"type": "object"}},
            "approvers": ["ann"],
            "retryable": True,
            "skippable": False,
        },
        {"id": "sum", "kind": "expression", "values": {"x": "1 + 1"}, "retryable": True, "skippable": True},
        {"id": "told", "kind": "wait", "retryable": True, "skippable": True},
        {"id": "sure", "kind": "confirm", "retryable": True, "skippable": True},
    ],
    "edges": [
        {"id": "e1", "source": "start", "target": "find"},
        {"id": "e2", "source": "fork", "target": "end", "condition": "true", "name": "yes"},
        {"id": "e3", "source": "fork", "target": "end", "default": True},
        {"id": "e4", "source": "find", "target": "end", "failure": True, "limit": 3},
    ],
    "form": {"schema": {"type": "object"}},
    "constants": {"dir": {"value": ["${inputs.ip}"], "schema": {"title": "Folder"}, "once": True}},
    "outputs": {"host": "${nodes.find.outputs.id}"},
    "layout": {"find": {"x": 0, "y": 1}},
    "left_out": ["sleep"],
}


def test_what_is_written_reads_back_the_same() -> None:
    flow = read_flow(DOCUMENT)
    assert write_flow(flow) == DOCUMENT
    assert read_flow(write_flow(flow)) == flow
    node = flow.nodes[1]
    assert isinstance(node, PluginNode)
    assert (node.kind, node.label, node.skippable) == (NodeKind.PLUGIN, "Find host", False)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda d: d.pop("nodes"), "nodes"),
        (lambda d: d.update(edges={}), "edges"),
        (lambda d: d.update(colour=1), "colour"),
        (lambda d: d.update(constants=[]), "constants"),
        (lambda d: d.update(constants={"a": 1}), "constants.a"),
        (lambda d: d.update(constants={"a": {}}), "constants.a.value"),
        (lambda d: d.update(constants={"a": {"value": 1, "once": 1}}), "constants.a.once"),
        (lambda d: d["edges"].append(None), "edges[4]"),
        (lambda d: d["nodes"].append(7), "nodes[9]"),
        (lambda d: d["nodes"].append({"id": "x"}), "nodes[9].kind"),
        (lambda d: d["nodes"].append({"id": "x", "kind": "loop"}), "nodes[9].kind"),
        (lambda d: d["nodes"].append({"id": "x", "kind": ["plugin"]}), "nodes[9].kind"),
        (lambda d: d["nodes"][1].pop("plugin"), "nodes[1].plugin"),
        (lambda d: d["nodes"][1].update(version=1), "nodes[1].version"),
        (lambda d: d["nodes"][1].update(inputs=[]), "nodes[1].inputs"),
        (lambda d: d["nodes"][1].update(retryable="yes"), "nodes[1].retryable"),
        (lambda d: d["nodes"][0].update(plugin="x"), "nodes[0].plugin"),
        (lambda d: d["nodes"][0].update(id=""), "nodes[0].id"),
        (lambda d: d["nodes"][0].update(name="n" * 201), "nodes[0].name"),
        (lambda d: d["edges"][0].pop("target"), "edges[0].target"),
        (lambda d: d["edges"][1].update(condition=True), "edges[1].condition"),
        (lambda d: d["edges"][2].update(default=None), "edges[2].default"),
        (lambda d: d["edges"][3].update(limit=0), "edges[3].limit"),
        (lambda d: d["nodes"][4].update(seconds=-1), "nodes[4].seconds"),
        (lambda d: d["nodes"][4].update(retry={"times": 0}), "nodes[4].retry.times"),
        (lambda d: d["nodes"][4].update(retry={"times": 1.5}), "nodes[4].retry.times"),
        (lambda d: d["nodes"][4].update(retry={"times": 1, "pause": 2}), "nodes[4].retry.pause"),
        (lambda d: d["nodes"][4].update(timeout={"action": "fail"}), "nodes[4].timeout.seconds"),
        (lambda d: d["nodes"][4].update(timeout={"seconds": 1, "action": "cry"}), "nodes[4].timeout.action"),
        (lambda d: d["nodes"][4].update(on_failure="cry"), "nodes[4].on_failure"),
        (lambda d: d["nodes"][5].update(form={}), "nodes[5].form.schema"),
        (lambda d: d["nodes"][5].update(approvers=[1]), "nodes[5].approvers[0]"),
        (lambda d: d["nodes"][6].update(values={"x": 1}), "nodes[6].values.x"),
        (lambda d: d["nodes"][7].update(message="x"), "nodes[7].message"),
        (lambda d: d.update(left_out=[""]), "left_out[0]"),
        (lambda d: d.update(form=[]), "form"),
        (lambda d: d.update(form={}), "form.schema"),
        (lambda d: d.update(outputs="x"), "outputs"),
        (lambda d: d.update(layout=1), "layout"),
    ],
)
def test_a_wrong_field_is_named(change: Callable[[dict[str, Any]], object], field: str) -> None:
    document = json.loads(json.dumps(DOCUMENT))
    change(document)
    with pytest.raises(FlowUnreadable) as caught:
        read_flow(document)
    assert field in [problem.field for problem in caught.value.problems]


def test_every_wrong_field_is_named_at_once() -> None:
    with pytest.raises(FlowUnreadable) as caught:
        read_flow({"nodes": [{"kind": "plugin"}], "edges": [{}]})
    assert {"nodes[0].id", "nodes[0].plugin", "nodes[0].version", "edges[0].id", "edges[0].source"} <= {
        p.field for p in caught.value.problems
    }


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.sampled_from(["plugin", "start"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "kind", "nodes", "edges", "source", "inputs"]), inner, max_size=4)
    ),
    max_leaves=15,
)


@given(anything)
def test_any_json_is_either_a_flow_or_unreadable(document: object) -> None:
    try:
        flow = read_flow(document)
    except FlowUnreadable as error:
        assert error.problems  # noqa: PT017 - both outcomes are right
    else:
        assert read_flow(write_flow(flow)) == flow
