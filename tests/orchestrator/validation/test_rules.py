import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

from orchestrator.flow.document import read_flow
from orchestrator.flow.graph import Graph
from orchestrator.flow.problems import Problem
from orchestrator.validation.plugins import KnownPlugin
from orchestrator.validation.rules import Surroundings, may_run, validate
from orchestrator.validation.subflows import KnownSubflow

PLUGINS = {
    ("find", "1.0.0"): KnownPlugin(
        inputs={
            "type": "object",
            "properties": {
                "ip": {"type": "string"},
                "limit": {"$ref": "#/$defs/small"},
                "token": {"type": "string", "writeOnly": True},
            },
            "required": ["ip"],
            "additionalProperties": False,
            "$defs": {"small": {"type": "integer", "maximum": 10}},
        },
        outputs={"type": "object", "properties": {"host": {"type": "integer"}}},
    )
}

SUBFLOWS = {
    ("sub", None): KnownSubflow(
        {"properties": {"n": {"type": "integer"}}, "required": ["n"]} | {"additionalProperties": False}
    ),
    ("deep", None): KnownSubflow(problem="it leads back to a flow it is run inside of"),
}


def plugin(name: str, **inputs: object) -> dict[str, Any]:
    return {"id": name, "kind": "plugin", "plugin": "find", "version": "1.0.0", "inputs": {"ip": "x", **inputs}}


def edge(source: str, target: str, **more: object) -> dict[str, Any]:
    return {"id": f"{source}-{target}", "source": source, "target": target, **more}


def check_disks() -> dict[str, Any]:
    """start → a → fork ⇉ (b | how → c | d) → meet → last → end."""
    gateways = [("start", "start"), ("fork", "parallel"), ("how", "exclusive"), ("meet", "join"), ("end", "end")]
    return {
        "nodes": [{"id": name, "kind": kind} for name, kind in gateways]
        + [
            plugin("a", ip="${inputs.ip}"),
            plugin("b"),
            plugin("c"),
            plugin("d"),
            plugin("last", ip="${nodes.b.outputs.host}"),
        ],
        "edges": [
            edge("start", "a"),
            edge("a", "fork"),
            edge("fork", "b"),
            edge("fork", "how"),
            edge("how", "c", condition="nodes.a.outputs.host > 3 && [1].exists(i, i == inputs.n)"),
            edge("how", "d", default=True),
            edge("b", "meet"),
            edge("c", "meet"),
            edge("d", "meet"),
            edge("meet", "last"),
            edge("last", "end"),
        ],
        "form": {"schema": {"type": "object", "properties": {"ip": {}, "n": {}}}},
        "outputs": {"host": "${nodes.last.outputs.host}"},
    }


def problems_of(document: dict[str, Any]) -> list[Problem]:
    return validate(Graph(read_flow(document)), Surroundings(PLUGINS, SUBFLOWS))


def test_a_right_flow_has_no_problems() -> None:
    assert problems_of(check_disks()) == []


def test_the_name_of_a_secret_may_stand_in_a_flow() -> None:
    document = check_disks()
    set_input(document, "a", "token", "deploy-token")
    assert problems_of(document) == []


def node(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in document["nodes"] if each["id"] == name)


def link(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in document["edges"] if each["id"] == name)


def make(document: dict[str, Any], name: str, **settings: object) -> None:
    """Makes another kind of node of one."""
    old = node(document, name)
    old.clear()
    old.update(id=name, **settings)


def set_input(document: dict[str, Any], name: str, key: str, value: object) -> None:
    node(document, name)["inputs"][key] = value


@pytest.mark.parametrize(
    ("change", "rule", "place"),
    [
        (lambda d: d["nodes"].append(plugin("a")), "unique_id", "a"),
        (lambda d: d["nodes"].append(plugin("9 x")), "node_id", "9 x"),
        (lambda d: d["edges"].append(edge("a", "fork")), "unique_id", "a-fork"),
        (lambda d: d["edges"].append(edge("a", "gone")), "edge_end", "a-gone"),
        (lambda d: d["nodes"].remove(node(d, "end")), "edge_end", "last-end"),
        (lambda d: node(d, "start").update(kind="join"), "one_start", None),
        (lambda d: d["nodes"].append({"id": "s2", "kind": "start"}), "one_start", "s2"),
        (lambda d: node(d, "end").update(kind="join"), "an_end", None),
        (lambda d: d["edges"].append(edge("a", "end")), "degree", "a"),
        (lambda d: d["edges"].append(edge("a", "start")), "degree", "start"),
        (lambda d: d["edges"].remove(link(d, "last-end")), "leads_to_end", "meet"),
        (lambda d: d["nodes"].append(plugin("lost")), "reachable", "lost"),
        (lambda d: link(d, "last-end").update(target="a"), "leads_to_end", "a"),
        (lambda d: link(d, "c-meet").update(target="fork"), "branches_meet", "fork"),
        (lambda d: d["edges"].append(edge("last", "meet", failure=True)), "loop_target", "last-meet"),
        (lambda d: link(d, "a-fork").update(limit=3), "loop_limit", "a-fork"),
        (lambda d: node(d, "a").update(on_failure="handle"), "failure_edge", "a"),
        (lambda d: d["edges"].append(edge("a", "end", failure=True)), "failure_edge", "a-end"),
        (lambda d: link(d, "how-c").update(failure=True), "failure_edge", "how-c"),
        (lambda d: make(d, "b", kind="timer"), "timer", "b"),
        (lambda d: make(d, "b", kind="timer", seconds=1, until="${inputs.n}"), "timer", "b"),
        (lambda d: make(d, "b", kind="timer", seconds="soon"), "timer", "b"),
        (lambda d: make(d, "b", kind="timer", until="2030-01-01T00:00:00"), "timer", "b"),
        (lambda d: make(d, "b", kind="expression", values={}), "expression", "b"),
        (lambda d: make(d, "b", kind="expression", values={"x": "1 +"}), "expression", "b"),
        (lambda d: make(d, "b", kind="expression", values={"x": "inputs.nope"}), "reference", "b"),
        (lambda d: make(d, "b", kind="approval", message="${inputs.nope}"), "reference", "b"),
        (lambda d: make(d, "b", kind="approval", approvers=["${nodes.c.outputs.x}"]), "reference_order", "b"),
        (lambda d: make(d, "b", kind="subflow", flow="gone"), "subflow", "b"),
        (lambda d: make(d, "b", kind="subflow", flow=""), "subflow", "b"),
        (lambda d: make(d, "b", kind="notify", title="", launcher=True), "notify", "b"),
        (lambda d: make(d, "b", kind="subflow", flow="deep"), "subflow", "b"),
        (lambda d: make(d, "b", kind="subflow", flow="sub", revision=2), "subflow", "b"),
        (lambda d: make(d, "b", kind="subflow", flow="sub"), "input_required", "b"),
        (lambda d: make(d, "b", kind="subflow", flow="sub", inputs={"n": "x"}), "input_value", "b"),
        (lambda d: make(d, "b", kind="subflow", flow="sub", inputs={"n": 1, "m": 1}), "input_known", "b"),
        (lambda d: make(d, "b", kind="subflow", flow="sub", inputs={"n": "${item}"}), "reference", "b"),
        (lambda d: make(d, "b", kind="map", flow="sub", items="x", inputs={"n": "${item}"}), "items", "b"),
        (lambda d: make(d, "b", kind="map", flow="sub", items="${item}", inputs={"n": 1}), "reference", "b"),
        (lambda d: link(d, "d-meet").update(target="end"), "end_inside_parallel", "end"),
        (lambda d: node(d, "fork").update(kind="exclusive"), "join_without_parallel", "meet"),
        (lambda d: link(d, "b-meet").update(target="last"), "branches_meet", "last"),
        (lambda d: link(d, "b-meet").update(target="c"), "branches_meet", "c"),
        (lambda d: node(d, "how").update(kind="parallel"), "branches_meet", "meet"),
        (lambda d: link(d, "how-c").pop("condition"), "condition", "how-c"),
        (lambda d: link(d, "how-c").update(condition="a >"), "condition_readable", "how-c"),
        (lambda d: link(d, "how-d").update(condition="true"), "default_condition", "how-d"),
        (lambda d: link(d, "how-c").update(condition=None, default=True), "one_default", "how-d"),
        (lambda d: link(d, "a-fork").update(condition="true"), "condition_place", "a-fork"),
        (lambda d: link(d, "fork-b").update(default=True), "condition_place", "fork-b"),
        (lambda d: set_input(d, "a", "ip", "${inputs."), "reference_readable", "a"),
        (lambda d: set_input(d, "a", "ip", "${inputs.nope}"), "reference", "a"),
        (lambda d: set_input(d, "a", "ip", "${env.x}"), "reference", "a"),
        (lambda d: set_input(d, "a", "ip", "${task.secret}"), "reference", "a"),
        (lambda d: set_input(d, "a", "ip", "${nodes.gone.outputs.x}"), "reference", "a"),
        (lambda d: set_input(d, "b", "ip", "${nodes.fork.outputs.x}"), "reference", "b"),
        (lambda d: set_input(d, "b", "ip", "${nodes.a.inputs.ip}"), "reference", "b"),
        (lambda d: set_input(d, "a", "ip", "${nodes.last.outputs.host}"), "reference_order", "a"),
        (lambda d: set_input(d, "b", "ip", "${nodes.c.outputs.host}"), "reference_order", "b"),
        (lambda d: set_input(d, "b", "ip", "${nodes.b.outputs.host}"), "reference_order", "b"),
        (lambda d: link(d, "how-c").update(condition="nodes.d.outputs.x > 1"), "reference_order", "how-c"),
        (lambda d: link(d, "how-c").update(condition="inputs.nope > 1"), "reference", "how-c"),
        (lambda d: d["outputs"].update(x="${nodes.gone.outputs.y}"), "reference", None),
        (lambda d: d.pop("form"), "reference", "a"),
        (lambda d: node(d, "a").update(version="2.0.0"), "plugin_installed", "a"),
        (lambda d: node(d, "a").update(plugin="gone"), "plugin_installed", "a"),
        (lambda d: node(d, "a")["inputs"].pop("ip"), "input_required", "a"),
        (lambda d: set_input(d, "a", "colour", 1), "input_known", "a"),
        (lambda d: set_input(d, "a", "ip", 7), "input_value", "a"),
        (lambda d: set_input(d, "a", "limit", 11), "input_value", "a"),
        (lambda d: set_input(d, "a", "token", "${inputs.ip}"), "secret_named", "a"),
        (lambda d: set_input(d, "a", "token", "deploy-${inputs.n}"), "secret_named", "a"),
        (lambda d: set_input(d, "a", "token", 7), "input_value", "a"),
    ],
)
def test_a_broken_rule_is_named_with_its_place(
    change: Callable[[dict[str, Any]], object], rule: str, place: str | None
) -> None:
    document = json.loads(json.dumps(check_disks()))
    change(document)
    found = problems_of(document)
    assert (rule, True) in [
        (problem.rule, place in (problem.node_id, problem.edge_id)) for problem in found if problem.blocking
    ], found
    assert not may_run(found)
    assert all(problem.code for problem in found if problem.rule != "subflow"), found


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda d: set_input(d, "last", "limit", "${nodes.c.outputs.host}"), "reference_certain"),
        (lambda d: d["outputs"].update(x="${nodes.d.outputs.host}"), "reference_certain"),
        (lambda d: set_input(d, "last", "limit", "${nodes.b.outputs.colour}"), "output_declared"),
    ],
)
def test_what_may_fail_at_run_time_is_advised_against_and_does_not_block(
    change: Callable[[dict[str, Any]], object], rule: str
) -> None:
    document = check_disks()
    change(document)
    found = problems_of(document)
    assert [(problem.rule, problem.blocking) for problem in found] == [(rule, False)]
    assert may_run(found)


def loop() -> dict[str, Any]:
    """start → a → how → a, at most three times, else → last → end."""
    document = check_disks()
    kept = {"start", "a", "how", "last", "end"}
    document["nodes"] = [each for each in document["nodes"] if each["id"] in kept]
    document["edges"] = [
        edge("start", "a"),
        edge("a", "how"),
        edge("how", "a", condition="nodes.a.loop < 3 && nodes.a.state == 'FINISHED'", limit=3),
        edge("how", "last", default=True),
        edge("last", "end"),
    ]
    set_input(document, "last", "ip", "${nodes.a.outputs.host}")
    return document


def test_a_loop_is_in_order_and_a_node_in_it_may_name_its_own_last_pass() -> None:
    document = loop()
    assert problems_of(document) == []
    set_input(document, "a", "limit", "${nodes.a.outputs.host}")
    assert [(problem.rule, problem.blocking) for problem in problems_of(document)] == [("reference_certain", False)]


def test_branches_of_an_inclusive_node_join_like_those_of_a_parallel_and_are_not_sure_to_run() -> None:
    document = check_disks()
    node(document, "fork").update(kind="inclusive")
    link(document, "fork-b").update(condition="inputs.n > 1")
    link(document, "fork-how").update(default=True)
    assert [(problem.rule, problem.node_id, problem.blocking) for problem in problems_of(document)] == [
        ("reference_certain", "last", False)
    ]


def test_a_step_may_hand_its_failures_on_to_nodes_of_their_own() -> None:
    document = loop()
    node(document, "last").update(on_failure="handle", retry={"times": 2}, timeout={"seconds": 5})
    document["nodes"].append(plugin("mend"))
    document["edges"] += [edge("last", "mend", failure=True), edge("mend", "end")]
    assert problems_of(document) == []


def test_a_flow_runs_another_inside_it_once_or_for_each_item() -> None:
    document = check_disks()
    make(document, "b", kind="subflow", flow="sub", inputs={"n": "${inputs.n}"})
    make(document, "c", kind="map", flow="sub", items="${inputs.n}", inputs={"n": "${item.n}"}, parallel=3)
    assert problems_of(document) == []


def test_a_reference_counts_as_given_whatever_its_type() -> None:
    document = check_disks()
    set_input(document, "a", "limit", "${inputs.n}")
    assert problems_of(document) == []


def test_a_flow_of_ten_thousand_nodes_is_checked_in_reasonable_time() -> None:
    names = [f"n{number}" for number in range(9_998)]
    chain = ["start", *names, "end"]
    document = {
        "nodes": [{"id": "start", "kind": "start"}, {"id": "end", "kind": "end"}, *(plugin(name) for name in names)],
        "edges": [edge(source, target) for source, target in itertools.pairwise(chain)],
    }
    assert problems_of(document) == []
