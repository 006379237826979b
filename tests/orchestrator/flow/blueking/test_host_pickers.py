"""Variables of Standard OPS that pick hosts, as steps that work out what is picked."""

from typing import Any

from orchestrator.flow.blueking.nodes import Counterparts
from orchestrator.flow.blueking.report import Weight
from orchestrator.flow.blueking.tree import Converted, convert_tree
from orchestrator.flow.document import read_flow
from orchestrator.flow.graph import Graph
from orchestrator.validation.plugins import KnownPlugin
from orchestrator.validation.rules import Surroundings, validate

PICKED = {
    "selectors": ["topo"],
    "topo": [{"bk_obj_id": "module", "bk_inst_id": 5}],
    "ip": [],
    "static_ip_table_config": [],
}
ANYTHING = KnownPlugin({"type": "object"}, {"type": "object"})
KNOWN = Surroundings({("cmdb_resolve_hosts", "1.1.0"): ANYTHING, ("script", "1.0.0"): ANYTHING})


def picker(name: str, value: Any, **rest: Any) -> dict[str, Any]:
    key = f"${{{name}}}"
    asked = {
        "key": key,
        "name": name.title(),
        "show_type": "show",
        "source_type": "custom",
        "custom_type": "ip_selector",
    }
    return {key: {**asked, "value": value, "index": 0, **rest}}


def convert(constants: dict[str, Any], **data: str) -> Converted:
    tree = {
        "start_event": {"id": "s", "type": "EmptyStartEvent"},
        "end_event": {"id": "e", "type": "EmptyEndEvent"},
        "activities": {
            "a": {
                "id": "a",
                "type": "ServiceActivity",
                "component": {
                    "code": "run",
                    "data": {name: {"hook": False, "value": value} for name, value in data.items()},
                },
            }
        },
        "gateways": {},
        "flows": {"l1": {"source": "s", "target": "a"}, "l2": {"source": "a", "target": "e"}},
        "constants": constants,
        "outputs": [],
        "location": [{"id": "s", "x": 20, "y": 100}],
    }
    return convert_tree(tree, Counterparts({"run": ("script", "1.0.0")}, {}))


def test_what_is_picked_is_worked_out_at_the_start_and_given_where_the_variable_is_named() -> None:
    constants = picker("ip", PICKED) | picker("spare", "10.0.0.1, 10.0.0.2", show_type="hide", custom_type="ip")
    converted = convert(constants, on="${ip}", and_on="not ${spare}")
    definition = converted.definition
    nodes = {node["id"]: node for node in definition["nodes"]}
    assert nodes["a"]["inputs"] == {
        "on": "${nodes.hosts_ip.outputs.ips}",
        "and_on": "not ${nodes.hosts_spare.outputs.ips}",
    }
    assert (nodes["hosts_ip"]["plugin"], nodes["hosts_ip"]["inputs"]) == (
        "cmdb_resolve_hosts",
        {"choice": "${inputs.ip}"},
    )
    addresses = [{"bk_host_innerip": "10.0.0.1"}, {"bk_host_innerip": "10.0.0.2"}]
    assert nodes["hosts_spare"]["inputs"] == {"choice": {"ip": addresses}}
    ways = {(edge["source"], edge["target"]) for edge in definition["edges"]}
    assert ways == {("s", "hosts_ip"), ("hosts_ip", "hosts_spare"), ("hosts_spare", "a"), ("a", "e")}
    asked = definition["form"]["schema"]["properties"]
    assert list(asked) == ["ip"]
    assert asked["ip"]["default"] == {"selectors": ["topo"], "topo": PICKED["topo"], "ip": []}
    assert [problem for problem in validate(Graph(read_flow(definition)), KNOWN) if problem.blocking] == []
    assert {(remark.weight, remark.place) for remark in converted.remarks} == {
        (Weight.NOTE, "constants.${ip}"),
        (Weight.NOTE, "constants.${spare}"),
    }


def test_a_picker_inside_is_given_the_choice_and_not_what_it_comes_to() -> None:
    inner = picker("targets", "${ip}") | picker("spare", "${other}") | picker("own", PICKED)
    sub = {"id": "a", "type": "SubProcess", "template_id": "t", "constants": inner}
    constants = picker("ip", PICKED) | picker("other", "10.0.0.9", show_type="hide")
    tree = {
        "start_event": {"id": "s", "type": "EmptyStartEvent"},
        "end_event": {"id": "e", "type": "EmptyEndEvent"},
        "activities": {"a": sub},
        "gateways": {},
        "flows": {"l1": {"source": "s", "target": "a"}, "l2": {"source": "a", "target": "e"}},
        "constants": constants,
    }
    definition = convert_tree(tree, Counterparts({}, {"t": "flow-1"})).definition
    assert [node["id"] for node in definition["nodes"]] == ["s", "a", "e"]
    assert definition["nodes"][1]["inputs"] == {
        "targets": "${inputs.ip}",
        "spare": {"ip": [{"bk_host_innerip": "10.0.0.9"}]},
        "own": PICKED,
    }


def test_a_picker_that_nothing_names_is_worked_out_by_nobody() -> None:
    converted = convert(picker("ip", PICKED), on="plain")
    assert [node["id"] for node in converted.definition["nodes"]] == ["s", "a", "e"]
    assert converted.remarks == ()


def test_one_that_picks_nothing_and_is_not_asked_for_is_left_open() -> None:
    converted = convert(picker("ip", "", show_type="hide"), on="${ip}")
    opened = [remark.place for remark in converted.remarks if remark.weight is Weight.OPEN]
    assert opened == ["constants.${ip}"]


def test_older_pickers_come_to_the_addresses_they_hold() -> None:
    narrowed = {"origin_ips": "0:10.0.0.1;10.0.0.2", "gse_agent_status": 1, "ip_cloud": False, "ip_separator": "|"}
    typed = {
        "var_ip_method": "custom",
        "var_ip_custom_value": "10.0.0.3",
        "var_filter_set": "",
        "var_filter_module": "",
    }
    constants = picker("up", narrowed, custom_type="ip_filter") | picker(
        "typed", typed, custom_type="set_module_ip_selector", index=1
    )
    converted = convert(constants, on="${up}", and_on="${typed}")
    asked = converted.definition["form"]["schema"]["properties"]
    addresses = [{"bk_host_innerip": "10.0.0.1", "bk_cloud_id": 0}, {"bk_host_innerip": "10.0.0.2"}]
    assert asked["up"]["default"] == {"ip": addresses, "with_cloud_id": False, "separator": "|"}
    assert asked["typed"]["default"] == {"ip": [{"bk_host_innerip": "10.0.0.3"}]}
    lost = [(remark.place, remark.message) for remark in converted.remarks if remark.weight is Weight.LOST]
    assert lost == [("constants.${up}", "hosts are not narrowed by the state of their agent")]


def test_what_is_picked_by_names_of_sets_is_left_to_be_chosen() -> None:
    named = {"var_ip_method": "select", "var_ip_select_value": {"var_set": ["east"], "var_module": ["web"]}}
    converted = convert(picker("ip", named, custom_type="set_module_ip_selector"), on="${ip}")
    assert "default" not in converted.definition["form"]["schema"]["properties"]["ip"]
    assert [remark.weight for remark in converted.remarks] == [Weight.LOST, Weight.NOTE]
