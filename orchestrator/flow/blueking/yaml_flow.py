"""Standard OPS's flows as YAML: nodes in the order they run, with ``next`` where that is not the order."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kernel.names import in_plain_characters
from orchestrator.flow.blueking.archive import Template
from orchestrator.flow.blueking.tree import NoTree

_EVENTS = {"EmptyStartEvent": "start_event", "EmptyEndEvent": "end_event"}
_RENAMED = {"ignore_error": "error_ignorable", "can_retry": "retryable", "can_skip": "skippable"}


def is_yaml_flow(document: Any) -> bool:
    """Whether a document is one of these."""
    return isinstance(document, Mapping) and document.get("schema_version") == "v1" and "spec" in document


def read_yaml_flow(document: Mapping[str, Any]) -> Template:
    """One document as the template it describes.

    Raises:
        NoTree: a part is missing or has no such shape.
    """
    try:
        meta = document.get("meta") or {}
        identifier = str(meta.get("id") or "flow")
        tree = _tree(document["spec"])
        name = in_plain_characters(str(meta.get("name") or "")) or identifier
        description = str(meta.get("description") or "")
        return Template(identifier, name, description, tree, executor=str(meta.get("executor_proxy") or ""))
    except (KeyError, TypeError, AttributeError) as error:
        raise NoTree(f"the document can't be read: {type(error).__name__} {error}") from error


def _tree(spec: Mapping[str, Any]) -> dict[str, Any]:
    nodes: Sequence[Mapping[str, Any]] = spec["nodes"]
    constants = {key: _constant(key, constant) for key, constant in (spec.get("constants") or {}).items()}
    tree: dict[str, Any] = {"activities": {}, "gateways": {}, "flows": {}, "constants": constants}
    ways = list(_ways(nodes))
    tree["flows"] = {_flow(source, target): {"source": source, "target": target} for source, target in ways}
    for node in nodes:
        kind = node["type"]
        if kind in _EVENTS:
            tree[_EVENTS[kind]] = {"id": node["id"], "type": kind}
        elif "Gateway" in kind:
            tree["gateways"][node["id"]] = _gateway(node)
        else:
            tree["activities"][node["id"]] = _activity(node, constants)
    tree["outputs"] = list(spec.get("outputs") or ())
    return tree


def _ways(nodes: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for index, node in enumerate(nodes):
        if node["type"] == "EmptyEndEvent":
            continue
        given = node.get("next")
        if given is None:
            if index + 1 < len(nodes):
                yield node["id"], nodes[index + 1]["id"]
        else:
            for target in [given] if isinstance(given, str) else given:
                yield node["id"], target


def _flow(source: str, target: str) -> str:
    return f"{source}-{target}"


def _gateway(node: Mapping[str, Any]) -> dict[str, Any]:
    gateway = {"id": node["id"], "type": node["type"], "name": node.get("name") or ""}
    conditions = node.get("conditions") or {}
    gateway["conditions"] = {_flow(node["id"], target): condition for target, condition in conditions.items()}
    default = node.get("default_condition") or {}
    if default.get("next"):
        gateway["default_condition"] = {"flow_id": _flow(node["id"], default["next"]), "name": default.get("name", "")}
    return gateway


def _activity(node: Mapping[str, Any], constants: dict[str, Any]) -> dict[str, Any]:
    activity = {_RENAMED.get(name, name): value for name, value in node.items() if name != "next"}
    component = dict(node.get("component") or {})
    data = component.get("data") or node.get("data") or {}
    if node["type"] == "SubProcess":
        activity["constants"] = {
            key: {"key": key, "show_type": "show", "value": _hooked(item, node["id"], key, constants)}
            for key, item in data.items()
        }
    else:
        component["data"] = {name: {"value": _hooked(item, node["id"], name, constants)} for name, item in data.items()}
        activity["component"] = component
    return activity


def _hooked(item: Any, node: str, name: str, constants: dict[str, Any]) -> Any:
    """The value of a parameter; one that is asked for at launch stands here with its variable."""
    if not isinstance(item, Mapping):
        return item
    key = item.get("key")
    if key is None:
        return item.get("value")
    constant = _constant(key, {**item, "source_type": "component_inputs", "source_info": {node: [name]}})
    constants.setdefault(key, constant)
    return key


def _constant(key: str, given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "key": key,
        "name": given.get("name") or key,
        "desc": given.get("desc") or "",
        "custom_type": given.get("type") or given.get("custom_type") or "",
        "source_type": given.get("source_type") or "custom",
        "source_info": given.get("source_info") or {},
        "show_type": "hide" if given.get("hide") else "show",
        "value": given.get("value", ""),
        "validation": given.get("validation") or "",
        "index": given.get("index") or 0,
        "is_meta": bool(given.get("is_meta")),
        "pre_render_mako": bool(given.get("pre_render_mako")),
    }
