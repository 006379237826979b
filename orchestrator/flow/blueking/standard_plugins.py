"""Components of Standard OPS for which a plugin comes with the product, and their values in its shape."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from orchestrator.flow.blueking.report import Report
from orchestrator.flow.blueking.success_condition import success_condition

_NODE = re.compile(r"(?:set|module)_(\d+)")
_IDS = frozenset({"cc_set_select", "cc_set_select_topo", "cc_module_select"})
_LIBRARY = "job_script_list_general"
_UPLOADED = "job_local_files"
_ROLLING = "job_rolling_config"
_SUCCESS = "bk_http_success_exp"
_EXECUTOR = "${task.created_by}"
_RECEIVERS = "bk_receiver_info"
_STAFF = "bk_staff_group"
_NUMBERS = frozenset(
    {
        "biz_cc_id",
        "bk_http_timeout",
        "job_cron_job_id",
        "job_cron_status",
        "job_task_id",
        "job_script_timeout",
        "job_timeout",
    }
)
_FLAGS = frozenset({"cc_is_increment", "copy_attributes", "ip_is_exist"})


@dataclass(frozen=True, slots=True)
class StandardPlugin:
    """Attributes:
    inputs: those it takes.
    pair: an attribute's name and its value, which are one object in ``joined``.
    """

    code: str
    version: str
    inputs: frozenset[str]
    pair: tuple[str, str] | None = None
    joined: str = ""


def _plugin(code: str, version: str, *names: str) -> StandardPlugin:
    return StandardPlugin(code, version, frozenset({"biz_cc_id", *names}))


def _changing(code: str, version: str, pair: tuple[str, str], joined: str, *names: str) -> StandardPlugin:
    return StandardPlugin(code, version, frozenset({"biz_cc_id", joined, *names}), pair, joined)


_PLUGINS = (
    _plugin(
        "job_fast_execute_script",
        "1.3.0",
        *("job_script_source", "job_script_type", "job_content", "job_script_param", "job_script_timeout"),
        _LIBRARY,
        *("job_ip_list", "job_account", "ip_is_exist"),
        _ROLLING,
    ),
    _plugin(
        "job_fast_push_file",
        "1.2.0",
        *("job_source_files", "job_ip_list", "job_account", "job_target_path", "job_timeout", "ip_is_exist"),
    ),
    _plugin("job_execute_task", "1.1.0", "job_task_id", "job_global_var", "ip_is_exist"),
    _plugin(
        "job_push_local_files",
        "1.2.0",
        *(_UPLOADED, "job_target_ip_list", "job_target_account", "job_target_path", "job_timeout"),
    ),
    _plugin(
        "job_cron_task",
        "1.0.0",
        *("job_cron_job_id", "job_cron_name", "job_cron_expression", "job_cron_time_zone", "job_cron_status"),
        "job_global_var",
    ),
    _plugin("cc_transfer_to_idle", "1.1.0", "cc_host_ip"),
    _plugin("cc_transfer_fault_host", "1.1.0", "cc_host_ip"),
    _plugin("cc_transfer_host_module", "2.1.0", "cc_host_ip", "cc_module_select", "cc_is_increment"),
    _changing(
        "cc_update_host", "1.1.0", ("cc_host_property", "cc_host_prop_value"), "cc_host_properties", "cc_host_ip"
    ),
    _plugin("cc_create_set", "1.1.0", "cc_set_info"),
    _plugin(
        "cc_create_module",
        "2.0.0",
        *("cc_set_select_method", "cc_set_select_topo", "cc_create_method", "cc_module_infos_category"),
    ),
    _changing(
        "cc_update_module",
        "2.0.0",
        ("cc_module_property", "cc_module_prop_value"),
        "cc_module_properties",
        *("cc_set_select", "cc_module_select"),
    ),
    _plugin("cc_empty_set_hosts", "2.0.0", "cc_set_select"),
    _plugin("cc_replace_fault_machine", "1.0.0", "cc_host_replace_detail", "copy_attributes"),
    StandardPlugin("bk_display", "1.0.0", frozenset({"bk_display_message"})),
    StandardPlugin(
        "bk_http_request",
        "1.0.0",
        frozenset(
            {
                *("bk_http_request_method", "bk_http_request_url", "bk_http_request_header", "bk_http_request_body"),
                *("bk_http_timeout", _SUCCESS, "bk_http_expected_status"),
                *("bk_http_secret_header", "bk_http_secret"),
            }
        ),
    ),
    _plugin("bk_notify", "2.0.0", "bk_notify_type", _RECEIVERS, "bk_notify_title", "bk_notify_content"),
)
_BY_CODE = {plugin.code: plugin for plugin in _PLUGINS}
STANDARD: Final[Mapping[str, StandardPlugin]] = {
    **_BY_CODE,
    "cmdb_transfer_fault_host": _BY_CODE["cc_transfer_fault_host"],
}
"""Component code → what stands for it."""
_PAIRED = frozenset(plugin.pair[0] for plugin in _PLUGINS if plugin.pair is not None)
SHAPED: Final = _NUMBERS | _FLAGS | _IDS | _PAIRED | {"job_script_source", "notify", _RECEIVERS, _ROLLING, _SUCCESS}
"""Inputs that are brought into shape, or by which others are."""


def standard_node(plugin: StandardPlugin, inputs: Mapping[str, Any], place: str, report: Report) -> dict[str, Any]:
    """The node's own part; of inputs that have no counterpart it is reported what had a value."""
    report.note(place, f"is run by {plugin.code} {plugin.version}, a standard plugin: install it")
    shaped: dict[str, Any] = {}
    where = f"{place}.component.data"
    for name, value in _joined(plugin, inputs).items():
        if value in ("", None) or (name == _ROLLING and _is_unused(value)):
            continue
        if name in (_UPLOADED, f"{_UPLOADED}_info"):
            report.open(f"{where}.{name}", "names files that were uploaded elsewhere: upload them, and name them here")
        elif name == _SUCCESS:
            shaped[name] = success_condition(value, f"{where}.{name}", report)
        elif name == _RECEIVERS and isinstance(value, Mapping):
            shaped[name] = _receivers(value, f"{where}.{name}", report)
        elif name in plugin.inputs:
            shaped[name] = _shaped(name, value)
        elif value not in ([], {}, False):
            report.lost(f"{where}.{name}", f"{plugin.code} takes no such input")
    return {"plugin": plugin.code, "version": plugin.version, "inputs": shaped}


def _receivers(value: Mapping[str, Any], place: str, report: Report) -> dict[str, Any]:
    """Groups of staff are named by number there, which says nothing here."""
    groups = value.get(_STAFF)
    if not isinstance(groups, list) or not groups:
        return {name: part for name, part in value.items() if name != _STAFF or part}
    named = [group for group in groups if isinstance(group, str) and not group.isdigit()]
    if len(named) < len(groups):
        report.open(f"{place}.{_STAFF}", "names groups of staff by number: choose notice groups of the project")
    return {**value, _STAFF: named}


def _joined(plugin: StandardPlugin, inputs: Mapping[str, Any]) -> dict[str, Any]:
    found = _with_executor(inputs)
    if _LIBRARY in plugin.inputs:  # a form keeps what was filled in for the source that was not chosen
        for unused in (
            ("job_content", "job_script_type") if found.get("job_script_source") == "general" else (_LIBRARY,)
        ):
            found.pop(unused, None)
    if plugin.pair is None or not set(plugin.pair) <= found.keys() or "${" in str(found[plugin.pair[0]]):
        return found  # an object's member can't be named by a template
    attribute, value = (found.pop(name) for name in plugin.pair)
    return {**found, plugin.joined: {str(attribute): value}}


def _with_executor(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """A notice that whoever runs the task gets too names him among its receivers."""
    receivers = inputs.get("bk_receiver_info")
    if inputs.get("notify") is not True or not isinstance(receivers, Mapping):
        return dict(inputs)
    more = str(receivers.get("bk_more_receiver") or "")
    people = f"{more},{_EXECUTOR}" if more else _EXECUTOR
    rest = {name: value for name, value in inputs.items() if name != "notify"}
    return {**rest, "bk_receiver_info": {**receivers, "bk_more_receiver": people}}


def _shaped(name: str, value: Any) -> Any:
    """A text that is a template stays one."""
    if name in _IDS:
        given = value if isinstance(value, list) else [value]
        return value if isinstance(value, str) and "${" in value else [_node_id(item) for item in given]
    if name in _NUMBERS and isinstance(value, str) and value.strip().isdigit():
        return int(value)
    if name in _FLAGS and value in ("true", "false"):
        return value == "true"
    if name == _ROLLING and isinstance(value, Mapping) and "job_rolling_execute" in value:
        return {"expression": value.get("job_rolling_expression"), "mode": int(value.get("job_rolling_mode") or 1)}
    return value


def _is_unused(rolling: Any) -> bool:
    """The form of Standard OPS says beside the batches whether there are any."""
    return isinstance(rolling, Mapping) and not rolling.get("job_rolling_execute", True)


def _node_id(value: Any) -> Any:
    found = _NODE.fullmatch(value) if isinstance(value, str) else None
    return int(found[1]) if found else value
