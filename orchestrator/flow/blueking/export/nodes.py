"""Nodes as activities and gateways."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from orchestrator.flow.blueking.export.fields import PICKER
from orchestrator.flow.blueking.export.variables import Variables
from orchestrator.flow.blueking.nodes import CHILD_TASK, GATEWAYS
from orchestrator.flow.blueking.standard_plugins import STANDARD

GATEWAY_TYPES: Final = {kind: name for name, kind in GATEWAYS.items()}
FOREIGN: Final = "trunkline_"
"""Begins the component code of a node that Standard OPS has nothing like."""
_USUAL_TYPES: Final = ("mail",)
"""Kinds of message, where a node leaves them to those who are told: Standard OPS asks for one at least."""
_BUILT_IN = re.compile(r"legacy|v\d.*")
"""Versions of the plugins that come with Standard OPS; those of others are numbers."""


class Activities:
    """Args:
    templates: flow → the template it is there.
    """

    def __init__(self, variables: Variables, templates: Mapping[str, str]) -> None:
        self._variables = variables
        self._templates = templates

    def activity(self, node: Mapping[str, Any]) -> dict[str, Any]:
        called = node if node["kind"] == "subflow" else _called(node)
        own = self._service(node) if called is None else self._subprocess(called)
        return {
            "id": node["id"],
            "name": node.get("name", ""),
            "stage_name": "",
            "loop": None,
            **own,
            **_policies(node),
            "executor_proxy": node.get("executor", ""),
        }

    def _service(self, node: Mapping[str, Any]) -> dict[str, Any]:
        code, version, inputs = self._component(node)
        data = {name: {"hook": False, "need_render": True, "value": value} for name, value in inputs.items()}
        return {"type": "ServiceActivity", "component": {"code": code, "version": version, "data": data}}

    def _component(self, node: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
        """Code, version and values."""
        text = self._variables.text
        match node["kind"]:
            case "plugin":
                return _plugin(node, self._variables.value(node.get("inputs") or {}))
            case "timer":
                until = node.get("until")
                return (
                    "sleep_timer",
                    "legacy",
                    {"bk_timing": text(str(node.get("seconds") if until is None else until))},
                )
            case "confirm" | "wait":
                return "pause_node", "legacy", {"description": text(node.get("message", ""))}
            case "approval":
                verifiers = ",".join(text(name) for name in node.get("approvers") or ())
                title = text(node.get("message", ""))
                return "bk_approve", "v1.0", {"bk_verifier": verifiers, "bk_approve_title": title}
            case "notify":
                return "bk_notify", "v1.0", self._notice(node)
            case kind:
                return FOREIGN + kind, "legacy", {}

    def _notice(self, node: Mapping[str, Any]) -> dict[str, Any]:
        """Groups of the project stay behind: there they have numbers."""
        text = self._variables.text
        people = ",".join(text(name) for name in node.get("people") or ())
        return {
            "bk_notify_type": list(node.get("types") or _USUAL_TYPES),
            "bk_receiver_info": {"bk_receiver_group": [], "bk_staff_group": [], "bk_more_receiver": people},
            "bk_notify_title": text(node["title"]),
            "bk_notify_content": text(node.get("content") or node["title"]),
            "notify": node.get("launcher", False),
        }

    def _subprocess(self, node: Mapping[str, Any]) -> dict[str, Any]:
        revision = node.get("revision")
        constants = {
            f"${{{name}}}": {
                "key": f"${{{name}}}",
                "name": name,
                "custom_type": PICKER if self._variables.picks(value) else "input",
                "source_type": "custom",
                "source_info": {},
                "show_type": "show",
                "value": self._variables.value(value),
            }
            for name, value in (node.get("inputs") or {}).items()
        }
        return {
            "type": "SubProcess",
            "template_id": self._templates.get(node["flow"], node["flow"]),
            "template_source": "project",
            "version": "" if revision is None else str(revision),
            "always_use_latest": revision is None,
            "scheme_id_list": [],
            "constants": constants,
            "hooked_constants": [],
        }


def _called(node: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What a node runs as a task of its own: Standard OPS makes one of a sub-process once that is to run."""
    inputs = node.get("inputs") or {}
    flow = inputs.get("flow")
    if node["kind"] != "plugin" or node["plugin"] != CHILD_TASK or not isinstance(flow, str) or "${" in flow:
        return None
    given = inputs.get("inputs")
    return {"flow": flow, "revision": inputs.get("revision"), "inputs": given if isinstance(given, Mapping) else {}}


def gateway(node: Mapping[str, Any], converging: str | None) -> dict[str, Any]:
    """Args:
    converging: the join in which its branches come together.
    """
    written = {"id": node["id"], "type": GATEWAY_TYPES[node["kind"]], "name": node.get("name", "")}
    if node["kind"] in {"exclusive", "inclusive"}:
        written["conditions"] = {}
    return written if converging is None else {**written, "converge_gateway_id": converging}


def event(node: Mapping[str, Any], kind: str, incoming: Any, outgoing: str) -> dict[str, Any]:
    name = node.get("name", "")
    return {"id": node["id"], "type": kind, "name": name, "labels": [], "incoming": incoming, "outgoing": outgoing}


def connected(part: dict[str, Any], incoming: Sequence[str], outgoing: Sequence[str]) -> dict[str, Any]:
    """With the flows that lead to it and on from it."""
    one_way = part["type"] in {"ServiceActivity", "SubProcess", "ConvergeGateway"}
    onward: Any = (outgoing[0] if outgoing else "") if one_way else list(outgoing)
    return {**part, "incoming": list(incoming), "outgoing": onward}


def _plugin(node: Mapping[str, Any], inputs: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    plugin, version = node["plugin"], node["version"]
    if plugin in STANDARD:
        return plugin, "legacy", inputs
    if _BUILT_IN.fullmatch(version):
        return plugin, version, inputs
    return "remote_plugin", "1.0.0", {**inputs, "plugin_code": plugin, "plugin_version": version}


def _policies(node: Mapping[str, Any]) -> dict[str, Any]:
    retry, timeout = node.get("retry") or {}, node.get("timeout") or {}
    action = "forced_fail_and_skip" if timeout.get("action") == "skip" else "forced_fail"
    return {
        "optional": node.get("optional", False),
        "error_ignorable": node.get("on_failure") == "ignore",
        "retryable": node.get("retryable", True),
        "skippable": node.get("skippable", True),
        "auto_retry": {
            "enable": bool(retry),
            "interval": _whole(retry.get("interval", 0)),
            "times": retry.get("times", 1),
        },
        "timeout_config": {
            "enable": bool(timeout),
            "seconds": _whole(timeout.get("seconds", 10)),
            "action": action,
        },
    }


def _whole(seconds: float) -> float:
    """As a whole number where it is one."""
    return int(seconds) if seconds == int(seconds) else seconds
