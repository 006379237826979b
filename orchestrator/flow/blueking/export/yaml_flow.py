"""A template as the YAML of Standard OPS: nodes in the order they run, with ``next`` where that is not the order.

Only what Standard OPS itself knows stands there; what a tree keeps beside is left out.
"""

from collections.abc import Mapping
from typing import Any, Final

from orchestrator.flow.blueking.archive import Template
from orchestrator.flow.blueking.names import is_asked

_RENAMED: Final = {"error_ignorable": "ignore_error", "retryable": "can_retry", "skippable": "can_skip"}
_USUAL: Final[Mapping[str, Any]] = {"ignore_error": False, "can_retry": True, "can_skip": True, "optional": False}

_USUAL_OF_CONSTANT: Final[Mapping[str, Any]] = {
    "desc": "",
    "validation": "",
    "index": 0,
    "is_meta": False,
    "pre_render_mako": False,
}


def write_yaml_flow(template: Template) -> dict[str, Any]:
    """The document of one template."""
    tree = template.tree
    order = _order(tree)
    nodes = [_node(tree, name, order[index + 1] if index + 1 < len(order) else "") for index, name in enumerate(order)]
    return {
        "schema_version": "v1",
        "meta": _meta(template),
        "spec": {
            "nodes": nodes,
            "constants": {key: _constant(constant) for key, constant in tree["constants"].items()},
            "outputs": list(tree["outputs"]),
        },
    }


def _meta(template: Template) -> dict[str, str]:
    meta = {"id": template.id, "name": template.name, "description": template.description}
    return {**meta, "executor_proxy": template.executor} if template.executor else meta


def _order(tree: Mapping[str, Any]) -> list[str]:
    """From the start on, a branch at a time; the end last."""
    onwards: dict[str, list[str]] = {}
    for flow in tree["flows"].values():
        onwards.setdefault(flow["source"], []).append(flow["target"])
    end = tree["end_event"]["id"]
    order: dict[str, None] = {}
    pending = [tree["start_event"]["id"]]
    while pending:
        name = pending.pop()
        if name in order or name == end:
            continue
        order[name] = None
        pending += reversed(onwards.get(name, ()))
    rest = [name for name in (*tree["activities"], *tree["gateways"]) if name not in order]
    return [*order, *rest, end]


def _node(tree: Mapping[str, Any], name: str, following: str) -> dict[str, Any]:
    part = tree["activities"].get(name) or tree["gateways"].get(name)
    if part is None:
        event = tree["start_event"] if name == tree["start_event"]["id"] else tree["end_event"]
        written = {"id": name, "type": event["type"]}
    elif "Gateway" in part["type"]:
        written = _gateway(tree, part)
    else:
        written = _activity(part)
    targets = [flow["target"] for flow in tree["flows"].values() if flow["source"] == name]
    if targets and targets != [following]:
        written["next"] = targets[0] if len(targets) == 1 else targets
    return written


def _gateway(tree: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any]:
    def target(edge: str) -> str:
        found: str = tree["flows"][edge]["target"]
        return found

    written = {"id": part["id"], "type": part["type"], "name": part["name"]}
    if "converge_gateway_id" in part:
        written["converge_gateway_id"] = part["converge_gateway_id"]
    if part.get("conditions"):
        written["conditions"] = {
            target(edge): {"evaluate": condition["evaluate"], "name": condition["name"]}
            for edge, condition in part["conditions"].items()
        }
    if "default_condition" in part:
        default = part["default_condition"]
        written["default_condition"] = {"next": target(default["flow_id"]), "name": default["name"]}
    return written


def _activity(part: Mapping[str, Any]) -> dict[str, Any]:
    written: dict[str, Any] = {"id": part["id"], "type": part["type"], "name": part["name"]}
    for name, value in part.items():
        called = _RENAMED.get(name, name)
        if called in _USUAL and value != _USUAL[called]:
            written[called] = value
    for name in ("auto_retry", "timeout_config"):
        if part[name]["enable"]:
            written[name] = part[name]
    if part["executor_proxy"]:
        written["executor_proxy"] = part["executor_proxy"]
    if part["type"] == "SubProcess":
        data = {key: {"value": each["value"]} for key, each in part["constants"].items()}
        return {**written, "template_id": part["template_id"], "data": data}
    component = part["component"]
    data = {name: {"value": each["value"]} for name, each in component["data"].items()}
    return {**written, "component": {"code": component["code"], "version": component["version"], "data": data}}


def _constant(constant: Mapping[str, Any]) -> dict[str, Any]:
    written = {"name": constant["name"], "type": constant["custom_type"], "value": constant["value"]}
    for name, usual in _USUAL_OF_CONSTANT.items():
        if constant.get(name, usual) != usual:
            written[name] = constant[name]
    if constant["source_type"] != "custom":
        written |= {"source_type": constant["source_type"], "source_info": constant["source_info"]}
    return written if is_asked(constant) else {**written, "hide": True}
