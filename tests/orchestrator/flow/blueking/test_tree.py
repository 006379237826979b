"""Pipeline trees as definitions: each documented example is converted, may be published, and runs to its end."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from orchestrator.engine.events import DecideRequested
from orchestrator.flow.blueking.nodes import Counterparts
from orchestrator.flow.blueking.report import Weight
from orchestrator.flow.blueking.tree import Converted, NoTree, convert_tree, is_tree
from orchestrator.flow.document import read_flow
from orchestrator.flow.graph import Graph
from orchestrator.validation.plugins import KnownPlugin
from orchestrator.validation.rules import Surroundings, validate
from orchestrator.validation.subflows import KnownSubflow
from tests.orchestrator.engine.play import Play

TREES = sorted((Path(__file__).parents[3] / "fixtures/bk-pipeline-trees").glob("*.json"))
COUNTERPARTS = Counterparts({"job_fast_execute_script": ("script", "1.0.0")}, {"tpl": "flow-1"})
KNOWN = Surroundings(
    {("script", "1.0.0"): KnownPlugin({"type": "object"}, {})}, {("flow-1", None): KnownSubflow({"type": "object"})}
)


def convert(tree: dict[str, Any]) -> Converted:
    return convert_tree(tree, COUNTERPARTS)


@pytest.mark.parametrize("file", TREES, ids=lambda file: file.name.split(".")[0])
def test_every_documented_tree_is_converted_and_runs_to_its_end(file: Path) -> None:
    tree = json.loads(file.read_text())
    converted = convert(tree)
    assert [remark for remark in converted.remarks if remark.weight is Weight.OPEN] == []
    graph = Graph(read_flow(converted.definition))
    assert [problem for problem in validate(graph, KNOWN) if problem.blocking] == []
    asked = (converted.definition.get("form") or {"schema": {"properties": {}}})["schema"]["properties"]
    play = Play(graph, **{name: field.get("default", "") for name, field in asked.items()})
    for _ in range(20):
        for name in sorted(play.state.live):
            run = play.run(name)
            match str(run.state):
                case "WAITING_TIMER":
                    play.fire(name, run.due or 0.0)
                case "WAITING_DECISION":
                    play.do(DecideRequested(1.0, name, approved=True))
                case _:
                    play.finish(name)
    assert play.status == "FINISHED"
    ran = {name for name, state in play.seen.items() if state == "FINISHED"}
    assert len(ran) >= 3


def tree(*activities: dict[str, Any], **rest: Any) -> dict[str, Any]:
    """A line of activities."""
    names = ["s", *(activity["id"] for activity in activities), "e"]
    ways = {f"l{index}": {"source": a, "target": b} for index, (a, b) in enumerate(pairwise(names))}
    return {
        "start_event": {"id": "s", "type": "EmptyStartEvent"},
        "end_event": {"id": "e", "type": "EmptyEndEvent"},
        "activities": {activity["id"]: activity for activity in activities},
        "gateways": {},
        "flows": ways,
        "constants": {},
        "outputs": [],
        **rest,
    }


def activity(code: str = "job_fast_execute_script", data: Any = None, **rest: Any) -> dict[str, Any]:
    component = {"code": code, "data": {name: {"hook": False, "value": value} for name, value in (data or {}).items()}}
    return {"id": "a", "type": "ServiceActivity", "name": "A", "component": component, **rest}


def first(converted: Converted) -> dict[str, Any]:
    node: dict[str, Any] = converted.definition["nodes"][1]
    return node


def test_what_a_node_says_about_failures_and_time_is_kept() -> None:
    node = first(
        convert(
            tree(
                activity(
                    isSkipped=False,
                    can_retry=False,
                    optional=True,
                    auto_retry={"enable": True, "interval": 5, "times": 3},
                    timeout_config={"enable": True, "seconds": 60, "action": "forced_fail_and_skip"},
                )
            )
        )
    )
    assert (node["retryable"], node["skippable"], node["optional"]) == (False, False, True)
    assert (node["retry"], node["timeout"]) == ({"times": 3, "interval": 5.0}, {"seconds": 60.0, "action": "skip"})
    assert first(convert(tree(activity(error_ignorable=True))))["on_failure"] == "ignore"


def test_whom_activities_and_templates_name_is_taken_over_and_told() -> None:
    converted = convert_tree(tree(activity(executor_proxy="ann")), COUNTERPARTS, "bea")
    assert (first(converted)["executor"], converted.definition["executor"]) == ("ann", "bea")
    told = {remark.place: remark for remark in converted.remarks}
    assert "once ann has consented" in told["activities.a.executor_proxy"].message
    assert told["executor_proxy"].weight is Weight.NOTE
    idle = convert(tree(activity("pause_node", executor_proxy="ann")))
    assert "executor" not in first(idle)
    assert [remark.place for remark in idle.remarks] == ["activities.a.executor_proxy"]


CONSTANTS = {
    "${ip}": {"key": "${ip}", "name": "Host", "show_type": "show", "source_type": "custom", "custom_type": "input"}
    | {"value": "10.0.0.1", "desc": "where", "index": 1},
    "${dir}": {"key": "${dir}", "show_type": "hide", "source_type": "custom", "value": "/data/${ip}"},
    "${log}": {"key": "${log}", "show_type": "hide", "source_type": "component_outputs"}
    | {"source_info": {"a": ["log"]}, "value": ""},
    "${hosts}": {"key": "${hosts}", "name": "Hosts", "show_type": "show", "source_type": "custom"}
    | {"custom_type": "set_allocation", "value": "", "index": 0},
    "${who}": {"key": "${who}", "name": "Whom", "show_type": "show", "source_type": "custom"}
    | {"custom_type": "staff_group_selector", "value": [3], "index": 2},
}


def test_variables_become_inputs_outputs_and_their_own_values() -> None:
    data = {
        "whole": "${ip}",
        "joined": "cd ${dir} && ls $HOME",
        "column": "${log.rows[0]}",
        "nested": [{"x": "${_system.operator}"}],
        "upper": "${ip.upper()}",
        "project": "in ${_env_REGION} of ${_env_HOSTS[0].ip}",
        "odd": "${_env_9}",
    }
    converted = convert(tree(activity(data=data), constants=CONSTANTS, outputs=["${log}", "${ip}"]))
    assert first(converted)["inputs"] == {
        "whole": "${inputs.ip}",
        "joined": "cd ${constants.dir} && ls $HOME",
        "column": "${nodes.a.outputs.log.rows[0]}",
        "nested": [{"x": "${task.created_by}"}],
        "upper": "$${ip.upper()}",
        "project": "in ${project.variables.REGION} of ${project.variables.HOSTS[0].ip}",
        "odd": "$${_env_9}",
    }
    assert converted.definition["constants"] == {"dir": {"value": "/data/${inputs.ip}", "schema": {"type": "string"}}}
    assert converted.definition["outputs"] == {"log": "${nodes.a.outputs.log}", "ip": "${inputs.ip}"}
    properties = converted.definition["form"]["schema"]["properties"]
    assert list(properties) == ["hosts", "ip", "who"]
    groups = {"type": "array", "items": {"type": "string", "format": "notice-group"}, "uniqueItems": True}
    assert properties["who"] == {"title": "Whom", **groups}
    assert properties["ip"] == {"title": "Host", "description": "where", "type": "string", "default": "10.0.0.1"}
    opened = {(remark.place, remark.position) for remark in converted.remarks if remark.weight is Weight.OPEN}
    assert opened == {
        ("activities.a.component.data.upper", 0),
        ("activities.a.component.data.odd", 0),
        ("constants.${hosts}", None),
    }
    told = [remark.message for remark in converted.remarks if remark.place == "constants"]
    assert [message.partition(":")[0] for message in told] == [
        "names HOSTS of the project's variables", "names REGION of the project's variables",
    ]  # fmt: skip


def test_a_value_that_is_not_rendered_stays_as_it_is() -> None:
    node = activity()
    node["component"]["data"] = {"script": {"hook": False, "need_render": False, "value": "echo ${x}"}}
    assert first(convert(tree(node)))["inputs"] == {"script": "echo $${x}"}


@pytest.mark.parametrize(
    ("code", "data", "made"),
    [
        ("sleep_timer", {"bk_timing": "30"}, {"kind": "timer", "seconds": 30}),
        ("pause_node", {"description": "look"}, {"kind": "confirm", "message": "look"}),
        (
            "bk_approve",
            {"bk_verifier": "ann, bob", "bk_approve_title": "Go?", "bk_approve_content": "now"},
            {"kind": "approval", "message": "Go?\nnow", "approvers": ["ann", "bob"]},
        ),
        (
            "remote_plugin",
            {"plugin_code": "ping", "plugin_version": "1.2.0", "host": "x"},
            {"plugin": "ping", "version": "1.2.0", "inputs": {"host": "x"}},
        ),
        ("cc_batch_delete_set", {"n": 1}, {"plugin": "cc_batch_delete_set", "version": "legacy", "inputs": {"n": 1}}),
    ],
)
def test_components_of_the_platform_become_nodes_of_their_own(
    code: str, data: dict[str, Any], made: dict[str, Any]
) -> None:
    node = first(convert(tree(activity(code, data))))
    assert {name: node[name] for name in made} == made


def test_what_a_third_partys_plugin_asks_is_drawn_by_its_own_form_in_that_of_the_flow() -> None:
    asked = {"show_type": "show", "source_type": "component_inputs", "custom_type": "", "value": "x"}
    constants = {
        "${host}": {**asked, "key": "${host}", "name": "Host", "index": 1, "source_info": {"a": ["host"]}},
        "${script}": {**asked, "key": "${script}", "name": "Script", "index": 2, "source_info": {"b": ["job_content"]}},
    }
    ping = activity("remote_plugin", {"plugin_code": "ping", "plugin_version": "1.2.0", "host": "${host}"})
    run = {**activity("job_fast_execute_script", {"job_content": "${script}"}), "id": "b"}
    form = convert(tree({**ping, "id": "a"}, run, constants=constants)).definition["form"]
    assert form["uischema"]["elements"] == [
        {
            "type": "Control",
            "scope": "#/properties/host",
            "options": {"source": {"plugin": "ping", "version": "1.2.0", "field": "host"}},
        },
        {"type": "Control", "scope": "#/properties/script"},
    ]
    plain = convert(tree(run, constants={"${script}": constants["${script}"]})).definition["form"]
    assert "uischema" not in plain


def test_a_subprocess_becomes_a_subflow_with_what_it_shows() -> None:
    inner = {"${n}": {"key": "${n}", "show_type": "show", "source_type": "custom", "value": "${ip}"}}
    node = {"id": "a", "type": "SubProcess", "name": "Sub", "template_id": "tpl", "constants": inner, "version": "x"}
    converted = convert(tree(node, constants=CONSTANTS))
    assert (first(converted)["flow"], first(converted)["inputs"]) == ("flow-1", {"n": "${inputs.ip}"})
    unknown = convert(tree({**node, "template_id": "other"}))
    assert "runs the template other" in next(r.message for r in unknown.remarks if r.weight is Weight.OPEN)


def test_a_condition_that_is_not_understood_stays_readable_and_keeps_the_flow_from_being_published() -> None:
    gateway = {
        "id": "g",
        "type": "ExclusiveGateway",
        "conditions": {"l2": {"evaluate": "${int(ip)} > 1", "name": "big"}},
    }
    drawn = tree(activity(), constants=CONSTANTS, gateways={"g": gateway})
    drawn["flows"] = {
        "l0": {"source": "s", "target": "a"},
        "l1": {"source": "a", "target": "g"},
        "l2": {"source": "g", "target": "e"},
    }
    converted = convert(drawn)
    (remark,) = [remark for remark in converted.remarks if remark.text is not None]
    assert (remark.place, remark.position, remark.weight) == ("gateways.g.conditions.l2.evaluate", 0, Weight.OPEN)
    edge = converted.definition["edges"][2]
    assert (edge["condition"], edge["name"]) == ("${int(ip)} > 1", "big")
    problems = validate(Graph(read_flow(converted.definition)), KNOWN)
    assert "condition_readable" in [problem.rule for problem in problems]


@pytest.mark.parametrize("document", [{}, [], None, {**tree(), "flows": []}])
def test_what_is_no_tree_is_told_apart(document: Any) -> None:
    if isinstance(document, dict) and is_tree(document):
        with pytest.raises(NoTree, match="flows"):
            convert(document)
    else:
        assert not is_tree(document)


def test_a_broken_tree_is_refused_and_not_half_converted() -> None:
    with pytest.raises(NoTree):
        convert(tree({"id": "a", "type": "ServiceActivity", "component": 3}))


def test_an_independent_subprocess_is_run_by_the_plugin_of_its_code() -> None:
    shown = {"key": "${ip}", "show_type": "show", "source_type": "custom", "value": "${ip}"}
    hidden = {"key": "${no}", "show_type": "hide", "source_type": "custom", "value": "x"}
    pipeline = {"constants": {"${ip}": shown, "${no}": hidden}}
    called = {"template_id": "tpl", "subprocess_name": "Inner", "scheme_id_list": [], "pipeline": pipeline}
    given = {"source_type": "component_outputs", "show_type": "hide", "value": ""}
    constants = {
        "${ip}": CONSTANTS["${ip}"],
        "${y}": {**given, "key": "${y}", "source_info": {"a": ["${y}"]}},
        "${id}": {**given, "key": "${id}", "source_info": {"a": ["task_id"]}},
    }
    inner = activity("subprocess_plugin", {"subprocess": called})
    says = activity("bk_display", {"bk_display_message": "${y} ${id}"}, id="b")
    one, two = convert(tree(inner, says, constants=constants)).definition["nodes"][1:3]
    assert (one["plugin"], one["version"]) == ("subprocess_plugin", "1.0.0")
    assert one["inputs"] == {"flow": "flow-1", "inputs": {"ip": "${inputs.ip}"}, "name": "Inner"}
    assert two["inputs"] == {"bk_display_message": "${nodes.a.outputs.outputs.y} ${nodes.a.outputs.task_id}"}
