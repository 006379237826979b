"""Activities and gateways of a tree as nodes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.flow.blueking.host_pickers import is_picker
from orchestrator.flow.blueking.names import Names, bare, is_asked, node_id
from orchestrator.flow.blueking.report import Report
from orchestrator.flow.blueking.standard_plugins import SHAPED, STANDARD, standard_node
from orchestrator.flow.blueking.templates import Templates
from orchestrator.flow.reading import MAX_USERNAME

GATEWAYS = {
    "ExclusiveGateway": "exclusive",
    "ParallelGateway": "parallel",
    "ConditionalParallelGateway": "inclusive",
    "ConvergeGateway": "join",
}
MAX_NAME = 200
CHILD_TASK = "subprocess_plugin"
"""Runs another template as a task of its own."""
CHILD_TASK_VERSION = "1.0.0"
SETTLED = SHAPED | {"bk_verifier", "plugin_code", "plugin_version"}
"""Inputs whose value says what becomes of a node."""
_ACTING = frozenset({"plugin", "notify", "subflow", "map"})


@dataclass(frozen=True, slots=True)
class Counterparts:
    """What of this house stands for what a tree names.

    Attributes:
        plugins: component code → (plugin, version), before the standard plugins; others keep their code, and ``legacy``
            or their version.
        flows: template id → flow id.
    """

    plugins: Mapping[str, tuple[str, str]]
    flows: Mapping[str, str]


class Activities:
    """Converts activities of one tree."""

    def __init__(self, names: Names, report: Report, counterparts: Counterparts) -> None:
        self._names = names
        self._templates = Templates(names, report)
        self._report = report
        self._counterparts = counterparts

    def node(self, activity: Mapping[str, Any]) -> dict[str, Any]:
        place = f"activities.{activity['id']}"
        node: dict[str, Any] = {"id": node_id(activity["id"]), "kind": "plugin"}
        if activity.get("name"):
            node["name"] = activity["name"][:MAX_NAME]
        if activity["type"] == "SubProcess":
            node |= self._subflow(activity, place)
        else:
            node |= self._step(activity, place)
        return node | self._policies(activity, place) | self._executor(node, activity, place)

    def _step(self, activity: Mapping[str, Any], place: str) -> dict[str, Any]:
        component = activity.get("component") or {}
        code = component.get("code") or ""
        if _runs_child(component):
            return self._child(component.get("data") or {}, place)
        inputs = self._inputs(component.get("data") or {}, f"{place}.component.data")
        match code:
            case "sleep_timer":
                return self._timer(inputs.get("bk_timing"), f"{place}.component.data.bk_timing")
            case "pause_node":
                return {"kind": "confirm", "message": str(inputs.get("description") or "")}
            case "bk_approve":
                return self._approval(inputs, place)
            case "remote_plugin":
                plugin, version = str(inputs.pop("plugin_code", "")), str(inputs.pop("plugin_version", ""))
            case _:
                plugin, version = code, str(component.get("version") or "legacy")
        known = self._counterparts.plugins.get(plugin)
        if known is None and plugin in STANDARD:
            return standard_node(STANDARD[plugin], inputs, place, self._report)
        if known is None:
            self._report.open(place, f"needs a plugin for {plugin} {version}: install one, or name what stands for it")
        plugin, version = known or (plugin, version)
        return {"plugin": plugin, "version": version, "inputs": inputs}

    def _inputs(self, data: Mapping[str, Any], place: str) -> dict[str, Any]:
        inputs = {}
        for key, item in data.items():
            value = item.get("value") if isinstance(item, Mapping) and "value" in item else item
            rendered = not isinstance(item, Mapping) or item.get("need_render", True)
            name = bare(key)
            if not rendered:
                inputs[name] = self._templates.literal(value)
                continue
            settled = self._names.settled(value) if name in SETTLED else value
            if settled != value:
                self._report.note(f"{place}.{name}", f"has what {value} is now, whatever becomes of that")
            inputs[name] = self._templates.convert(settled, f"{place}.{name}")
        return inputs

    def _timer(self, timing: Any, place: str) -> dict[str, Any]:
        text = str(timing if timing is not None else "").strip()
        if text.isdigit():
            return {"kind": "timer", "seconds": int(text)}
        if "${" in text:
            return {"kind": "timer", "seconds": text}
        self._report.open(place, "is a moment without a time zone: write it as in 2030-01-31T09:00:00+08:00", text, 0)
        return {"kind": "timer", "until": text}

    def _approval(self, inputs: Mapping[str, Any], place: str) -> dict[str, Any]:
        self._report.note(place, "is approved here, not in a ticket system")
        approvers = [name.strip() for name in str(inputs.get("bk_verifier") or "").split(",") if name.strip()]
        parts = [str(inputs[name]) for name in ("bk_approve_title", "bk_approve_content") if inputs.get(name)]
        return {"kind": "approval", "message": "\n".join(parts), "approvers": approvers}

    def _subflow(self, activity: Mapping[str, Any], place: str) -> dict[str, Any]:
        flow, inputs = self._called(activity, activity.get("constants") or {}, place)
        return {"kind": "subflow", "flow": flow, "inputs": inputs}

    def _child(self, data: Mapping[str, Any], place: str) -> dict[str, Any]:
        """A node that runs a task of its own."""
        called = _child_data(data)
        constants = (called.get("pipeline") or {}).get("constants") or {}
        flow, inputs = self._called(called, constants, f"{place}.component.data.subprocess")
        node: dict[str, Any] = {"flow": flow, "inputs": inputs}
        if called.get("subprocess_name"):
            node["name"] = str(called["subprocess_name"])[:MAX_NAME]
        plugin, version = self._counterparts.plugins.get(CHILD_TASK, (CHILD_TASK, CHILD_TASK_VERSION))
        self._report.note(place, f"is run by {plugin} {version}, a standard plugin: install it")
        return {"plugin": plugin, "version": version, "inputs": node}

    def _called(
        self, called: Mapping[str, Any], constants: Mapping[str, Mapping[str, Any]], place: str
    ) -> tuple[str, dict[str, Any]]:
        """The flow that is run, and what it is given."""
        template = str(called.get("template_id") or "")
        flow = self._counterparts.flows.get(template)
        if flow is None:
            self._report.open(place, f"runs the template {template}: import that too, or name the flow for it")
        if called.get("scheme_id_list"):
            self._report.lost(place, "execution schemes: the whole flow is run inside")
        if called.get("version") and not called.get("always_use_latest"):
            self._report.note(place, "was pinned to a version: it runs the latest, pin it if that matters")
        inputs = {
            bare(constant["key"]): self._passed(constant, f"{place}.constants.{constant['key']}.value")
            for constant in constants.values()
            if is_asked(constant)
        }
        return flow or template, inputs

    def _passed(self, constant: Mapping[str, Any], place: str) -> Any:
        """What a flow inside is given for one of its variables."""
        choice = self._names.choice(constant.get("value")) if is_picker(constant) else None
        return self._templates.convert(constant.get("value"), place) if choice is None else choice

    def _policies(self, activity: Mapping[str, Any], place: str) -> dict[str, Any]:
        ignored = bool(activity.get("error_ignorable"))
        found: dict[str, Any] = {
            "retryable": bool(activity.get("retryable", activity.get("can_retry", True))),
            "skippable": ignored or bool(activity.get("skippable", activity.get("isSkipped", True))),
        }
        if activity.get("optional"):
            found["optional"] = True
        if ignored:
            found["on_failure"] = "ignore"
        retry = activity.get("auto_retry") or {}
        if retry.get("enable"):
            found["retry"] = {"times": int(retry.get("times") or 1), "interval": float(retry.get("interval") or 0)}
        timeout = activity.get("timeout_config") or {}
        if timeout.get("enable"):
            action = "skip" if timeout.get("action") == "forced_fail_and_skip" else "fail"
            found["timeout"] = {"seconds": float(timeout.get("seconds") or 1), "action": action}
        if (activity.get("loop_config") or {}).get("enable"):
            self._report.open(place, "runs again and again by itself: draw an edge that leads back, or use a map node")
        return found

    def _executor(self, node: Mapping[str, Any], activity: Mapping[str, Any], place: str) -> dict[str, str]:
        """Importing it asks the person; it gives no consent."""
        executor = str(activity.get("executor_proxy") or "").strip()
        if not executor:
            return {}
        place = f"{place}.executor_proxy"
        if node["kind"] not in _ACTING:
            self._report.note(place, f"calls nothing: that {executor} executes it has no meaning here")
            return {}
        return taken_executor(executor, place, self._report)


def taken_executor(executor: str, place: str, report: Report) -> dict[str, str]:
    """The member of a definition or node that names whom a template names."""
    if len(executor) > MAX_USERNAME:
        report.lost(place, f"is longer than {MAX_USERNAME} characters: nobody is named instead")
        return {}
    report.note(place, f"calls as {executor}, once {executor} has consented to that here")
    return {"executor": executor}


def called_template(activity: Mapping[str, Any]) -> str:
    """The template that an activity runs, inside or as a task of its own; empty where it runs none."""
    if activity.get("type") == "SubProcess":
        return str(activity.get("template_id") or "")
    component = activity.get("component") or {}
    return str(_child_data(component.get("data") or {}).get("template_id") or "") if _runs_child(component) else ""


def _runs_child(component: Mapping[str, Any]) -> bool:
    return component.get("code") == CHILD_TASK


def _child_data(data: Mapping[str, Any]) -> Mapping[str, Any]:
    item = data.get("subprocess") or {}
    called = item.get("value") if isinstance(item, Mapping) and "value" in item else item
    return called if isinstance(called, Mapping) else {}


def gateway_node(gateway: Mapping[str, Any]) -> dict[str, Any]:
    node: dict[str, Any] = {"id": node_id(gateway["id"]), "kind": GATEWAYS[gateway["type"]]}
    if gateway.get("name"):
        node["name"] = gateway["name"][:MAX_NAME]
    return node
