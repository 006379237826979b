"""Definitions as trees of Standard OPS, and back: whatever the flow, nothing is lost on the way."""

import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from orchestrator.flow.blueking.export.conditions import from_cel
from orchestrator.flow.blueking.export.tree import NotExportable, export_tree
from orchestrator.flow.blueking.export.variables import Variables
from orchestrator.flow.blueking.nodes import Counterparts
from orchestrator.flow.blueking.report import Weight
from orchestrator.flow.blueking.tree import convert_tree
from orchestrator.flow.document import read_flow, write_flow
from tests.support.definitions import definitions

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


def test_what_has_no_counterpart_is_told_by_node_and_member() -> None:
    steps: list[dict[str, Any]] = [
        {"id": "held", "kind": "confirm", "message": "Go on?", "lock": {"key": "all"}},
        {"id": "paid", "kind": "wait", "event": "order-paid", "key": "${inputs.order}", "retry": {"times": 1}},
        {
            "id": "tell",
            "kind": "notify",
            "title": "Full",
            "people": ["ann"],
            "groups": ["oncall"],
            "lock": {"key": "b"},
        },
    ]
    remarks = export_tree(flow(*steps), {}).remarks
    assert [(each.weight, each.place) for each in remarks] == [
        (Weight.LOST, "activities.held.lock"),
        (Weight.OPEN, "activities.paid"),
        (Weight.LOST, "activities.paid.event"),
        (Weight.LOST, "activities.paid.key"),
        (Weight.NOTE, "activities.tell"),
        (Weight.LOST, "activities.tell.groups"),
        (Weight.LOST, "activities.tell.lock"),
    ]


def test_a_notice_is_one_of_standard_ops_and_means_the_same_when_it_comes_back() -> None:
    told = {"title": "${inputs.ip} is full", "people": ["ann", "${inputs.ip}"], "launcher": True}
    form = {"schema": {"type": "object", "properties": {"ip": {"type": "string", "title": "Address"}}}}
    tree = export_tree(flow({"id": "tell", "kind": "notify", **told}, form=form), {}).tree
    activity = tree["activities"]["tell"]
    data = {name: each["value"] for name, each in activity["component"]["data"].items()}
    assert (activity["component"]["code"], data["bk_notify_type"], data["notify"]) == ("bk_notify", ["mail"], True)
    assert data["bk_notify_title"] == data["bk_notify_content"] == "${ip} is full"
    assert data["bk_receiver_info"]["bk_more_receiver"] == "ann,${ip}"
    del activity["trunkline"]
    again = convert_tree(tree, BACK).definition["nodes"][1]
    assert (again["kind"], again["plugin"]) == ("plugin", "bk_notify")
    assert again["inputs"]["bk_receiver_info"]["bk_more_receiver"] == "ann,${inputs.ip},${task.created_by}"
    assert again["inputs"]["bk_notify_title"] == "${inputs.ip} is full"


def test_whom_a_flow_names_is_kept_beside_its_tree_unless_the_file_says_otherwise() -> None:
    tree = export_tree({**flow({"id": "a", "kind": "wait"}), "executor": "ann"}, {}).tree
    assert convert_tree(tree, BACK).definition["executor"] == "ann"
    assert convert_tree(tree, BACK, "bea").definition["executor"] == "bea"
    assert "executor" not in convert_tree(tree, BACK, "").definition


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
        ('project.variables.region == "north"', '${_env_region} == "north"'),
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


def test_a_flow_that_runs_as_a_task_of_its_own_is_a_sub_process_there() -> None:
    inputs = {"flow": "f-inner", "inputs": {"ip": "10.0.0.1"}, "revision": 3}
    child = {"id": "in", "kind": "plugin", "plugin": "subprocess_plugin", "version": "1.0.0", "inputs": inputs}
    exported = export_tree(flow(child), TEMPLATES)
    activity = exported.tree["activities"]["in"]
    assert (activity["type"], activity["template_id"], activity["version"]) == ("SubProcess", "12", "3")
    assert activity["constants"]["${ip}"]["value"] == "10.0.0.1"
    assert [remark.place.startswith("activities.in") for remark in exported.remarks] == [True]
    assert there_and_back(flow(child))["nodes"][1] == {**child, "retryable": True, "skippable": True}
