"""Definitions as trees of Standard OPS, and back: whatever the flow, nothing is lost on the way."""

import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.flow.blueking.export.conditions import from_cel
from orchestrator.flow.blueking.export.tree import NotExportable, export_tree
from orchestrator.flow.blueking.export.variables import Variables
from orchestrator.flow.blueking.nodes import Counterparts
from orchestrator.flow.blueking.report import Weight
from orchestrator.flow.blueking.tree import convert_tree
from orchestrator.flow.document import read_flow, write_flow

TREES = sorted((Path(__file__).parents[3] / "fixtures/bk-pipeline-trees").glob("*.json"))
TEMPLATES = {"f-inner": "12"}
BACK = Counterparts({}, {"12": "f-inner"})


def whole(definition: Mapping[str, Any]) -> dict[str, Any]:
    """As it is kept, nodes and edges in no order."""
    written = write_flow(read_flow(definition))
    for part in ("nodes", "edges"):
        written[part] = sorted(written[part], key=lambda each: each["id"])
    return written


def there_and_back(definition: Mapping[str, Any]) -> dict[str, Any]:
    exported = json.loads(json.dumps(export_tree(definition, TEMPLATES).tree))
    return convert_tree(exported, BACK).definition


@pytest.mark.parametrize("file", TREES, ids=lambda file: file.name.split(".")[0])
def test_a_documented_tree_comes_back_without_anything_kept_beside_it(file: Path) -> None:
    definition = convert_tree(json.loads(file.read_text()), BACK).definition
    exported = export_tree(definition, TEMPLATES)
    parts = [exported.tree[part] for part in ("start_event", "end_event", "activities", "gateways", "flows")]
    assert "trunkline" not in json.dumps(parts)
    assert exported.remarks == ()
    assert whole(there_and_back(definition)) == whole(definition)


texts = st.sampled_from(
    ["", "plain", "${inputs.ip}", "on ${inputs.ip} by ${task.created_by}", "${nodes.first.outputs.url}", "$${no}",
     "${nodes.first.outputs.list[0].name}", "${item.x}", "${unknown}", "a ${inputs.other} b", '${inputs["odd-name"]}']
)  # fmt: skip
values = st.recursive(
    texts | st.integers(-5, 5) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
    max_leaves=4,
)
inputs = st.dictionaries(st.sampled_from(["ip", "bk_timing", "job_content", "plugin_code"]), values, max_size=3)
policies = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["Step", "步骤"]),
        "retryable": st.booleans(),
        "skippable": st.booleans(),
        "optional": st.booleans(),
        "retry": st.fixed_dictionaries(
            {"times": st.integers(1, 9)}, optional={"factor": st.just(2.0), "interval": st.just(1.5)}
        ),
        "timeout": st.fixed_dictionaries({"seconds": st.sampled_from([1, 2.5])}, optional={"action": st.just("skip")}),
        "on_failure": st.sampled_from(["stop", "ignore", "handle"]),
    },
)
called = st.fixed_dictionaries(
    {"flow": st.sampled_from(["f-inner", "f-other"]), "inputs": inputs}, optional={"revision": st.integers(1, 3)}
)
kinds = st.one_of(
    st.fixed_dictionaries(
        {
            "kind": st.just("plugin"),
            "plugin": st.sampled_from(["job_fast_execute_script", "own", "bk_old", "cc_update_host"]),
            "version": st.sampled_from(["1.0.0", "2.1.0", "legacy", "v4.0"]),
            "inputs": inputs,
        }
    ),
    st.fixed_dictionaries({"kind": st.just("timer"), "seconds": st.sampled_from([0, 5, 1.5, "${inputs.ip}"])}),
    st.just({"kind": "timer", "until": "2030-01-31T09:00:00+08:00"}),
    st.just({"kind": "wait"}),
    st.fixed_dictionaries(
        {"kind": st.just("confirm"), "message": texts},
        optional={"form": st.just({"schema": {"type": "object", "properties": {"why": {"type": "string"}}}})},
    ),
    st.fixed_dictionaries(
        {"kind": st.just("approval"), "message": texts},
        optional={"approvers": st.lists(st.sampled_from(["ann", "${inputs.ip}", "a,b"]), max_size=2)},
    ),
    st.just({"kind": "expression", "values": {"sum": "inputs.a + 1"}}),
    called.map(lambda rest: {"kind": "subflow", **rest}),
    called.map(lambda rest: {"kind": "map", "items": "${inputs.ip}", "parallel": 2, **rest}),
)
steps = st.tuples(kinds, policies).map(lambda both: {**both[0], **both[1]})
conditions = st.sampled_from(
    ['inputs.ip == "a"', "inputs.count > 5", 'string(inputs.ip) == "a" && (double(inputs.count) > 1.0 || true == true)',
     '!(string(inputs.ip) in ["a", "b"])', 'nodes.first.outputs.ok in [true, "true", "True"]', "size(inputs.ip) > 2",
     'inputs.ip.startsWith("x")', 'nodes.first.state == "FAILED"', "a b"]
)  # fmt: skip
forms = st.sampled_from(
    [
        {
            "ip": {"type": "string", "title": "ip"},
            "other": {"title": "Other", "type": ["integer", "string"], "default": 3},
        },
        {"ip": {"type": "string", "enum": ["a"]}, "odd-name": {"type": "number"}, "other": {}},
        {"ip": {"title": "ip", "type": "string", "pattern": "^a", "default": "a", "description": "d"}},
    ]
).map(lambda properties: {"schema": {"type": "object", "properties": properties}})


@st.composite
def definitions(draw: st.DrawFn) -> dict[str, Any]:
    """A first step, a gateway whose branches hold one step each, and what gathers them; perhaps a way for failures."""
    kind = draw(st.sampled_from(["exclusive", "inclusive", "parallel"]))
    branches = draw(st.integers(1, 3))
    nodes = [
        {"id": "start", "kind": "start", **draw(st.sampled_from([{}, {"name": "Begin"}]))},
        {"id": "first", **draw(steps)},
        {"id": "fork", "kind": kind},
        *({"id": f"b{number}", **draw(steps)} for number in range(branches)),
        {"id": "end", "kind": "end"},
    ]
    gathers = "end" if kind == "exclusive" else "gather"
    edges: list[dict[str, Any]] = [
        {"id": "e1", "source": "start", "target": "first"},
        {"id": "e2", "source": "first", "target": "fork"},
    ]
    for number in range(branches):
        edge: dict[str, Any] = {"id": f"in{number}", "source": "fork", "target": f"b{number}"}
        if kind != "parallel":
            edge |= {"default": True} if number else {"condition": draw(conditions)}
            edge |= draw(st.sampled_from([{}, {"name": "way"}]))
        edges += [edge, {"id": f"out{number}", "source": f"b{number}", "target": gathers}]
    if gathers == "gather":
        nodes.append({"id": "gather", "kind": "join"})
        edges.append({"id": "e3", "source": "gather", "target": "end"})
    elif draw(st.booleans()):
        nodes.append({"id": "end2", "kind": "end", "name": "Other"})
        edges[-1]["target"] = "end2"
    if nodes[1].get("on_failure") == "handle":
        edges.append({"id": "bad", "source": "first", "target": "end", "failure": True})
    rest = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "form": forms,
                "outputs": st.dictionaries(st.sampled_from(["url", "ip", "text"]), texts, max_size=2),
                "layout": st.sampled_from([{"start": {"x": 1, "y": 2}}, {"first": {"z": 1}}]),
            },
        )
    )
    return {"nodes": nodes, "edges": edges, **rest}


@settings(max_examples=150, deadline=None)
@given(definitions())
def test_whatever_the_flow_it_comes_back_as_it_was(definition: dict[str, Any]) -> None:
    assert whole(there_and_back(definition)) == whole(definition)


def flow(*steps: dict[str, Any], **rest: Any) -> dict[str, Any]:
    names = ["s", *(step["id"] for step in steps), "e"]
    edges = [{"id": f"l{n}", "source": a, "target": b} for n, (a, b) in enumerate(pairwise(names))]
    return {"nodes": [{"id": "s", "kind": "start"}, *steps, {"id": "e", "kind": "end"}], "edges": edges, **rest}


def test_steps_stand_there_under_the_codes_that_standard_ops_has() -> None:
    steps: list[dict[str, Any]] = [
        {"id": "a", "kind": "timer", "seconds": 5},
        {"id": "b", "kind": "confirm", "message": "Go on?"},
        {"id": "c", "kind": "plugin", "plugin": "own", "version": "1.2.0", "inputs": {"x": "${inputs.ip}"}},
        {"id": "d", "kind": "expression", "values": {"y": "1"}},
        {"id": "f", "kind": "subflow", "flow": "f-inner", "inputs": {"k": "${nodes.c.outputs.url}"}},
    ]
    form = {"schema": {"type": "object", "properties": {"ip": {"type": "string", "title": "Address"}}}}
    exported = export_tree(flow(*steps, form=form, outputs={"url": "${nodes.c.outputs.url}"}), TEMPLATES)
    activities = exported.tree["activities"]
    codes = {name: part.get("component", {}).get("code") for name, part in activities.items()}
    assert codes == {
        "a": "sleep_timer",
        "b": "pause_node",
        "c": "remote_plugin",
        "d": "trunkline_expression",
        "f": None,
    }
    assert activities["c"]["component"]["data"]["x"]["value"] == "${ip}"
    assert activities["f"]["template_id"] == "12"
    assert activities["f"]["constants"]["${k}"]["value"] == "${url}"
    assert exported.tree["constants"]["${url}"]["source_info"] == {"c": ["url"]}
    assert exported.tree["outputs"] == ["${url}"]
    assert [(each.weight, each.place) for each in exported.remarks] == [(Weight.OPEN, "activities.d")]


def test_what_was_changed_there_counts_and_not_what_was_kept() -> None:
    tree = export_tree(flow({"id": "a", "kind": "timer", "seconds": 1.5}), {}).tree
    assert convert_tree(tree, BACK).definition["nodes"][1]["seconds"] == 1.5
    tree["activities"]["a"]["component"]["data"]["bk_timing"]["value"] = "7"
    assert convert_tree(tree, BACK).definition["nodes"][1]["seconds"] == 7


@pytest.mark.parametrize(
    ("cel", "said"),
    [
        ('string(inputs.ip) == "a"', '${ip} == "a"'),
        ("double(inputs.n) > 1.0 && (a.b == 1)", None),
        ('inputs.n > 1 && inputs.ip == "x" || inputs.n < 0', '(${n} > 1 and ${ip} == "x") or ${n} < 0'),
        ('inputs.ip in ["a", "b"]', '${ip} in ("a", "b")'),
        ('!(inputs.ip in ["a"])', '${ip} notin ("a")'),
        ('inputs.ip in [true, "true", "True"]', "${ip} == true"),
        ("nodes.x.outputs.code[0] == 3", "${code[0]} == 3"),
        ("size(inputs.ip) > 1", None),
        ("!inputs.ip", None),
        ("", None),
    ],
)
def test_conditions_are_said_as_far_as_they_compare(cel: str, said: str | None) -> None:
    assert from_cel(cel, Variables(("ip", "n"))) == said


@pytest.mark.parametrize("edge", [{"id": "l", "source": "s", "target": "gone"}, None])
def test_a_flow_without_an_end_or_with_a_loose_edge_has_no_tree(edge: dict[str, Any] | None) -> None:
    nodes = [{"id": "s", "kind": "start"}, *([{"id": "e", "kind": "end"}] if edge else [])]
    with pytest.raises(NotExportable):
        export_tree({"nodes": nodes, "edges": [edge] if edge else []}, {})
