"""Variables of Standard OPS by their types: as fields of the form, as constants, and written back."""

import json
from typing import Any

import pytest
import yaml

from orchestrator.flow.blueking.archive import Template
from orchestrator.flow.blueking.export.tree import export_tree
from orchestrator.flow.blueking.export.yaml_flow import write_yaml_flow
from orchestrator.flow.blueking.nodes import Counterparts
from orchestrator.flow.blueking.report import Weight
from orchestrator.flow.blueking.tree import Converted, convert_tree
from orchestrator.flow.blueking.yaml_flow import read_yaml_flow
from orchestrator.flow.document import read_flow, write_flow
from tests.orchestrator.flow.blueking.test_tree import activity, tree

NOBODY = Counterparts({"run": ("run", "legacy")}, {})
CHOICES = json.dumps([{"text": "One", "value": "1"}, {"text": "Two", "value": "2"}])
COLUMNS = json.dumps(
    [{"tag_code": "ip", "type": "input", "attrs": {"name": "Address"}}, {"tag_code": "n", "type": "int"}]
)


def constant(key: str, kind: str = "input", value: Any = "", **rest: Any) -> dict[str, Any]:
    asked = {"show_type": "show", "source_type": "custom", "name": key.title(), "custom_type": kind, "value": value}
    return {f"${{{key}}}": {"key": f"${{{key}}}", **asked, **rest}}


def convert(constants: dict[str, Any], **data: str) -> Converted:
    return convert_tree(tree(activity("run", data), constants=constants), NOBODY)


def field(kind: str, value: Any = "", **rest: Any) -> tuple[dict[str, Any], list[tuple[Weight, str]]]:
    """The field of a variable without its title, and what is told of it."""
    converted = convert(constant("x", kind, value, **rest))
    schema = dict(converted.definition["form"]["schema"]["properties"]["x"])
    assert schema.pop("title") == "X"
    return schema, [(remark.weight, remark.place) for remark in converted.remarks]


def described(config: dict[str, Any]) -> dict[str, Any]:
    return {"is_meta": True, "value": config}


@pytest.mark.parametrize(
    ("kind", "value", "schema"),
    [
        ("date", "2026-01-31", {"type": "string", "format": "date", "default": "2026-01-31"}),
        ("time", "14:45:00", {"type": "string", "pattern": r"^\d{2}:\d{2}$", "default": "14:45"}),
        ("datetime", "", {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$"}),
        ("int", "5", {"type": ["integer", "string"], "default": 5}),
        ("bk_user_selector", "ann,bob", {"type": "string", "default": "ann,bob"}),
        ("set_group_selector", "g-1", {"type": "string", "default": "g-1"}),
    ],
)
def test_a_type_is_a_field_of_its_kind(kind: str, value: str, schema: dict[str, Any]) -> None:
    assert field(kind, value) == (schema, [])


def test_a_choice_is_made_between_what_the_variable_lists() -> None:
    config = {"datasource": "0", "items_text": CHOICES, "type": "0", "default": "2"}
    one_of = [{"const": "1", "title": "One"}, {"const": "2", "title": "Two"}]
    assert field("select", **described(config)) == ({"type": "string", "oneOf": one_of, "default": "2"}, [])
    of_task = {"value": "1", "meta": described(config)}
    assert field("select", **of_task)[0]["default"] == "1"
    several, told = field("select", **described({**config, "type": "1", "default": "1,2"}))
    assert (several["pattern"], several["default"]) == ("^((1|2)(,(1|2))*)?$", "1,2")
    assert told == [(Weight.NOTE, "constants.${x}")]
    for wrong in ({"datasource": "1", "items_text": "http://cmdb/list"}, {"items_text": "["}):
        assert field("select", **described(wrong)) == ({"type": "string"}, [(Weight.OPEN, "constants.${x}")])


def test_a_table_has_its_columns_and_a_cell_is_found_by_row_and_column() -> None:
    rows = [{"ip": "10.0.0.1", "n": 1}]
    table = constant("t", "datatable", **described({"columns_text": COLUMNS, "default_text": json.dumps(rows)}))
    converted = convert(table, cell="${t.ip[0]}", flat="${t.flat__ip}", column="${t.ip}", whole="${t}")
    schema = converted.definition["form"]["schema"]["properties"]["t"]
    assert schema["items"]["properties"] == {"ip": {"title": "Address", "type": "string"}, "n": {"title": "n"}}
    assert schema["default"] == rows
    inputs = converted.definition["nodes"][1]["inputs"]
    assert (inputs["cell"], inputs["whole"]) == ("${inputs.t[0].ip}", "${inputs.t}")
    opened = [(remark.place, remark.position) for remark in converted.remarks if remark.weight is Weight.OPEN]
    assert opened == [("activities.a.component.data.flat", 0), ("activities.a.component.data.column", 0)]


def test_what_a_picker_of_sets_keeps_is_named_and_what_it_looks_up_is_open() -> None:
    picked = constant("s", "set_module_selector", {"bk_set_id": 2, "bk_module_id": [5]})
    group = constant("g", "set_group_selector", "g-1")
    converted = convert(
        picked | group, of="${s.set_id}/${s.module_id[0]}", name="in ${s.set_name}", sets="${g.bk_set_id}"
    )
    assert converted.definition["nodes"][1]["inputs"]["of"] == "${inputs.s.bk_set_id}/${inputs.s.bk_module_id[0]}"
    opened = [(remark.place, remark.position) for remark in converted.remarks if remark.weight is Weight.OPEN]
    assert opened == [("activities.a.component.data.name", 3), ("activities.a.component.data.sets", 0)]


def test_a_chosen_text_and_the_present_time_have_no_counterpart() -> None:
    config = {"datasource": "0", "items_text": CHOICES, "type": "0"}
    constants = constant("c", "text_value_select", **described(config)) | constant(
        "now", "current_time", {"time_unit": []}
    )
    converted = convert(constants, value='${c["value"]}', text='${c["text"]}', at="at ${now}")
    assert list(converted.definition["form"]["schema"]["properties"]) == ["c"]
    assert converted.definition["nodes"][1]["inputs"]["value"] == "${inputs.c}"
    told = [(remark.weight, remark.place, remark.position) for remark in converted.remarks]
    assert told == [
        (Weight.OPEN, "activities.a.component.data.text", 0),
        (Weight.OPEN, "activities.a.component.data.at", 3),
        (Weight.LOST, "constants.${now}", None),
    ]


def test_a_password_is_a_secret_to_fill_in_and_never_a_constant() -> None:
    assert field("password", "rsa_str:x") == ({"type": "string", "writeOnly": True}, [(Weight.LOST, "constants.${x}")])
    converted = convert(constant("p", "password", "rsa_str:x", show_type="hide"), key="${p}")
    assert "constants" not in converted.definition
    assert [(remark.weight, remark.place) for remark in converted.remarks] == [
        (Weight.OPEN, "activities.a.component.data.key")
    ]
    assert "rsa_str" not in str(converted)


def test_a_pattern_that_cannot_be_kept_is_told() -> None:
    assert field("input", "a", validation="^a$")[0]["pattern"] == "^a$"
    schema, told = field("input", "a", validation="^(?!b).*$")
    assert "pattern" not in schema
    assert told == [(Weight.LOST, "constants.${x}.validation")]


HIDDEN: dict[str, Any] = {
    **constant("dir", value="/data/${ip}", show_type="hide", index=2, desc="where", validation="^/"),
    **constant("limit", "int", "80", show_type="hide", index=1),
    **constant("log", value="${dir}/${ip}.log", show_type="hide", index=3, pre_render_mako=True),
    **constant("late", value="${out}!", show_type="hide", index=4, pre_render_mako=True),
    **constant("ip", value="10.0.0.1", index=0),
    **constant("out", "", show_type="hide", source_type="component_outputs", source_info={"a": ["out"]}),
}


def test_hidden_variables_keep_their_names_and_all_that_is_said_of_them() -> None:
    converted = convert(HIDDEN, on="${log}", at="${limit}")
    assert converted.definition["constants"] == {
        "limit": {"value": 80, "schema": {"title": "Limit", "type": ["integer", "string"]}},
        "dir": {
            "value": "/data/${inputs.ip}",
            "schema": {"title": "Dir", "description": "where", "type": "string", "pattern": "^/"},
        },
        "log": {
            "value": "${constants.dir}/${inputs.ip}.log",
            "schema": {"title": "Log", "type": "string"},
            "once": True,
        },
        "late": {"value": "${nodes.a.outputs.out}!", "schema": {"title": "Late", "type": "string"}},
    }
    assert converted.definition["nodes"][1]["inputs"] == {"on": "${constants.log}", "at": "${constants.limit}"}
    assert [(remark.weight, remark.place) for remark in converted.remarks] == [(Weight.NOTE, "constants.${late}")]


def test_they_are_written_back_as_they_were() -> None:
    definition = convert(HIDDEN, on="${log}").definition
    exported = export_tree(definition, {})
    assert exported.remarks == ()
    constants = exported.tree["constants"]
    members = ("name", "desc", "custom_type", "show_type", "value", "validation")
    for key in ("${dir}", "${log}", "${ip}"):
        assert {name: constants[key][name] for name in members} == {name: HIDDEN[key].get(name, "") for name in members}
    assert constants["${log}"]["pre_render_mako"] is True
    assert exported.tree["activities"]["a"]["component"]["data"]["on"]["value"] == "${log}"


def test_what_says_of_which_kind_a_step_is_has_the_value_itself() -> None:
    constants = constant("secs", "int", "30", show_type="hide") | constant("who", value="ann,bob", show_type="hide")
    approve = {**activity("bk_approve", {"bk_verifier": "${who}", "bk_approve_title": "${who}?"}), "id": "b"}
    run = activity("job_fast_execute_script", {"job_script_timeout": "${secs}", "job_content": "x"})
    converted = convert_tree(tree(run, approve, constants=constants), Counterparts({}, {}))
    one, two = converted.definition["nodes"][1:3]
    assert one["inputs"]["job_script_timeout"] == 30
    assert (two["approvers"], two["message"]) == (["ann", "bob"], "${constants.who}?")
    noted = [remark.place for remark in converted.remarks if "whatever becomes" in remark.message]
    assert noted == ["activities.a.component.data.job_script_timeout", "activities.b.component.data.bk_verifier"]


VARIED: dict[str, Any] = {
    **constant("d", "date", "2026-01-31", index=0),
    **constant("dt", "datetime", "2026-01-31 10:00:00", index=1),
    **constant("tm", "time", "14:45:00", index=2),
    **constant("long", "textarea", "a", index=3),
    **constant("n", "int", "5", index=4),
    **constant("pw", "password", "", index=5),
    **constant("sel", "select", index=6, **described({"items_text": CHOICES, "datasource": "0", "type": "0"})),
    **constant("tab", "datatable", index=7, **described({"columns_text": COLUMNS, "default_text": ""})),
    **constant("set", "set_module_selector", {"bk_set_id": 2, "bk_module_id": [5]}, index=8),
    **constant("filter", "set_filter_selector", {"bk_obj_id": "bk_set_env", "bk_obj_value": "3"}, index=9),
    **constant("who", "staff_group_selector", [], index=10),
    **constant("hosts", "ip_selector", {"selectors": ["ip"], "ip": [{"bk_host_innerip": "10.0.0.1"}]}, index=11),
    **constant("spare", "ip_selector", {"ip": [{"bk_host_innerip": "10.0.0.2"}]}, index=12, show_type="hide"),
    **constant("when", "time", "08:30:00", index=13, show_type="hide"),
}


def test_every_type_comes_back_as_itself_and_the_flow_as_it_was() -> None:
    data = {"on": "${hosts}", "and": "not ${spare}", "cell": "${tab.ip[0]}", "set": "${set.set_id}", "at": "${when}"}
    drawn = tree(activity("run", data), constants=VARIED, outputs=["${hosts}"], location=[{"id": "s", "x": 1, "y": 2}])
    definition = convert_tree(drawn, NOBODY).definition
    exported = export_tree(definition, {}, with_pickers=True)
    assert exported.remarks == ()
    assert list(exported.tree["activities"]) == ["a"]
    kinds = {key: each["custom_type"] for key, each in exported.tree["constants"].items()}
    assert kinds == {key: each["custom_type"] for key, each in VARIED.items()}
    written = {name: each["value"] for name, each in exported.tree["activities"]["a"]["component"]["data"].items()}
    assert written == data
    for key in ("${d}", "${dt}", "${tm}", "${hosts}", "${spare}", "${when}", "${set}"):
        assert exported.tree["constants"][key]["value"] == VARIED[key]["value"]
    again = convert_tree(json.loads(json.dumps(exported.tree)), NOBODY).definition
    assert _whole(again) == _whole(definition)


def test_yaml_says_of_variables_what_a_tree_says() -> None:
    definition = convert(VARIED | HIDDEN, on="${log} ${tab.ip[0]}").definition
    exported = export_tree(definition, {}, with_pickers=True).tree
    document = yaml.safe_load(yaml.safe_dump(write_yaml_flow(Template("t", "T", "", exported))))
    again = convert_tree(read_yaml_flow(document).tree, NOBODY).definition
    assert (again["form"], again["constants"]) == (definition["form"], definition["constants"])


def test_a_flow_inside_is_given_the_choice_itself() -> None:
    inner = {
        "id": "b",
        "type": "SubProcess",
        "template_id": "t",
        "constants": constant("targets", "ip_selector", "${hosts}"),
    }
    drawn = tree(activity("run", {"on": "${hosts}"}), inner, constants=VARIED)
    definition = convert_tree(drawn, Counterparts(NOBODY.plugins, {"t": "flow-1"})).definition
    exported = export_tree(definition, {"flow-1": "t"}, with_pickers=True)
    assert exported.remarks == ()
    written = exported.tree["activities"]["b"]["constants"]["${targets}"]
    assert (written["custom_type"], written["value"]) == ("ip_selector", "${hosts}")


def test_steps_that_were_changed_since_stay_steps() -> None:
    definition = convert_tree(tree(activity("run", {"on": "${hosts}"}), constants=VARIED), NOBODY).definition
    step = next(node for node in definition["nodes"] if node["id"] == "hosts_hosts")
    step["retry"] = {"times": 3}
    exported = export_tree(definition, {}, with_pickers=True)
    assert sorted(exported.tree["activities"]) == ["a", "hosts_hosts"]
    assert _whole(convert_tree(exported.tree, NOBODY).definition) == _whole(definition)


def test_conditions_name_constants_both_ways() -> None:
    gateway = {
        "id": "g",
        "type": "ExclusiveGateway",
        "conditions": {"l2": {"evaluate": '${limit} > 3 and ${dir} != "/"', "name": "big"}},
        "default_condition": {"flow_id": "l3", "name": "else"},
    }
    drawn = tree(activity("run"), gateways={"g": gateway}, constants=HIDDEN)
    ways = {"l0": ("s", "a"), "l1": ("a", "g"), "l2": ("g", "e"), "l3": ("g", "e")}
    drawn["flows"] = {name: {"source": source, "target": target} for name, (source, target) in ways.items()}
    definition = convert_tree(drawn, NOBODY).definition
    assert definition["edges"][2]["condition"] == 'double(constants.limit) > 3.0 && string(constants.dir) != "/"'
    back = export_tree(definition, {}).tree["gateways"]["g"]["conditions"]["l2"]["evaluate"]
    assert back == '${limit} > 3 and ${dir} != "/"'


def _whole(definition: dict[str, Any]) -> dict[str, Any]:
    written = write_flow(read_flow(definition))
    return {**written, **{part: sorted(written[part], key=lambda each: each["id"]) for part in ("nodes", "edges")}}
