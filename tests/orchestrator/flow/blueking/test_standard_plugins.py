"""Components that a plugin of the product stands for."""

from pathlib import Path
from typing import Any

import pytest

from marketplace.authoring.folder import open_package
from orchestrator.flow.blueking.report import Report, Weight
from orchestrator.flow.blueking.standard_plugins import STANDARD, standard_node

FOLDERS = {folder.name: folder for folder in Path(__file__).parents[4].glob("adapters/*/plugins/*")}


@pytest.mark.parametrize("code", STANDARD)
def test_each_is_a_package_that_is_shipped_and_takes_these_inputs(code: str) -> None:
    plugin = STANDARD[code]
    manifest = open_package(FOLDERS[plugin.code]).manifest
    assert manifest.version == plugin.version
    assert set(manifest.inputs["properties"]) == plugin.inputs


@pytest.mark.parametrize(
    ("code", "given", "made"),
    [
        (
            "cc_transfer_host_module",
            {
                "biz_cc_id": "2",
                "cc_host_ip": "10.0.0.1",
                "cc_module_select": ["module_5", 6],
                "cc_is_increment": "true",
            },
            {"biz_cc_id": 2, "cc_host_ip": "10.0.0.1", "cc_module_select": [5, 6], "cc_is_increment": True},
        ),
        ("cc_empty_set_hosts", {"biz_cc_id": 2, "cc_set_select": "${inputs.sets}"}, None),
        (
            "cc_update_host",
            {"cc_host_property": "bk_comment", "cc_host_prop_value": "${inputs.word}"},
            {"cc_host_properties": {"bk_comment": "${inputs.word}"}},
        ),
        ("job_fast_execute_script", {"job_script_timeout": "", "job_script_list_general": ""}, {}),
        (
            "job_fast_execute_script",
            {
                "job_rolling_config": {
                    "job_rolling_execute": ["enable"],
                    "job_rolling_expression": "1 50%",
                    "job_rolling_mode": "2",
                }
            },
            {"job_rolling_config": {"expression": "1 50%", "mode": 2}},
        ),
        ("job_fast_execute_script", {"job_rolling_config": {"job_rolling_execute": []}}, {}),
        (
            "cc_replace_fault_machine",
            {
                "cc_host_replace_detail": [{"cc_fault_ip": "10.0.0.1", "cc_new_ip": "10.0.0.2"}],
                "copy_attributes": "true",
            },
            {"cc_host_replace_detail": [{"cc_fault_ip": "10.0.0.1", "cc_new_ip": "10.0.0.2"}], "copy_attributes": True},
        ),
        (
            "bk_http_request",
            {"bk_http_timeout": "5", "bk_http_success_exp": 'resp.result == True and resp.data[0].name in ("a", "b")'},
            {
                "bk_http_timeout": 5,
                "bk_http_success_exp": 'resp.result in [true, "true", "True"]'
                ' && string(resp.data[0].name) in ["a", "b"]',
            },
        ),
        (
            "job_cron_task",
            {"job_cron_job_id": "7", "job_cron_status": "1"},
            {"job_cron_job_id": 7, "job_cron_status": 1},
        ),
        (
            "job_fast_execute_script",
            {"job_script_source": "general", "job_content": "ls", "job_script_list_general": "clean"},
            {"job_script_source": "general", "job_script_list_general": "clean"},
        ),
        ("bk_display", {"bk_display_message": "${inputs.word}"}, None),
        ("cmdb_transfer_fault_host", {"cc_host_ip": "10.0.0.1"}, None),
    ],
)
def test_values_are_brought_into_its_shape(code: str, given: dict[str, Any], made: dict[str, Any] | None) -> None:
    report = Report()
    node = standard_node(STANDARD[code], given, "activities.a", report)
    assert node == {
        "plugin": STANDARD[code].code,
        "version": STANDARD[code].version,
        "inputs": given if made is None else made,
    }
    assert [remark.weight for remark in report.remarks] == [Weight.NOTE]


def test_what_it_does_not_take_is_told() -> None:
    report = Report()
    node = standard_node(STANDARD["bk_notify"], {"notify": True, "bk_notify_title": "x"}, "activities.a", report)
    assert node["inputs"] == {"bk_notify_title": "x"}
    assert [(one.weight, one.place) for one in report.remarks[1:]] == [
        (Weight.LOST, "activities.a.component.data.notify")
    ]


@pytest.mark.parametrize(
    ("groups", "made", "weights"),
    [
        ([], {}, []),
        ("", {}, []),
        ("${inputs.who}", {"bk_staff_group": "${inputs.who}"}, []),
        (["on call"], {"bk_staff_group": ["on call"]}, []),
        ([7, "8", "on call"], {"bk_staff_group": ["on call"]}, [Weight.OPEN]),
    ],
)
def test_groups_of_staff_that_are_numbers_are_to_be_chosen_anew(
    groups: Any, made: dict[str, Any], weights: list[Weight]
) -> None:
    report = Report()
    given = {"bk_receiver_info": {"bk_more_receiver": "ada", "bk_staff_group": groups}}
    node = standard_node(STANDARD["bk_notify"], given, "activities.a", report)
    assert node["inputs"] == {"bk_receiver_info": {"bk_more_receiver": "ada", **made}}
    assert [remark.weight for remark in report.remarks[1:]] == weights


def test_an_attribute_that_is_named_by_a_variable_is_told() -> None:
    report = Report()
    given = {"cc_host_property": "${inputs.which}", "cc_host_prop_value": "x"}
    assert standard_node(STANDARD["cc_update_host"], given, "activities.a", report)["inputs"] == {}
    assert [remark.weight for remark in report.remarks] == [Weight.NOTE, Weight.LOST, Weight.LOST]


@pytest.mark.parametrize("condition", ["resp.code == ${inputs.wanted}", "resp.count + 1 == 2", "response == 1 ="])
def test_a_condition_that_can_not_be_read_is_left_to_people(condition: str) -> None:
    report = Report()
    node = standard_node(STANDARD["bk_http_request"], {"bk_http_success_exp": condition}, "activities.a", report)
    assert node["inputs"] == {"bk_http_success_exp": condition}
    assert [(one.weight, one.place) for one in report.remarks[1:]] == [
        (Weight.OPEN, "activities.a.component.data.bk_http_success_exp")
    ]


def test_files_that_were_uploaded_elsewhere_are_left_to_people() -> None:
    report = Report()
    given = {"job_local_files": [{"tag": {"type": "host_nfs"}}], "job_target_path": "/data"}
    node = standard_node(STANDARD["job_push_local_files"], given, "activities.a", report)
    assert node["inputs"] == {"job_target_path": "/data"}
    assert [(one.weight, one.place) for one in report.remarks[1:]] == [
        (Weight.OPEN, "activities.a.component.data.job_local_files")
    ]
