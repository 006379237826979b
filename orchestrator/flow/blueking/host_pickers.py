"""Variables that pick hosts: a step at the start works out what is picked, and what names the variable gets the
addresses as text, as there.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

PLUGIN: Final = "cmdb_resolve_hosts"
VERSION: Final = "1.1.0"
KINDS: Final = frozenset({"ip_selector", "ip", "ip_filter", "set_module_ip_selector"})
CHOICE: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "ip": {
            "type": "array",
            "title": "Hosts",
            "items": {"type": "object", "properties": {"bk_host_innerip": {"type": "string", "title": "Address"}}},
        },
        "topo": {
            "type": "array",
            "title": "Places",
            "items": {
                "type": "object",
                "properties": {
                    "bk_obj_id": {"enum": ["biz", "set", "module"], "title": "Kind"},
                    "bk_inst_id": {"type": "integer", "title": "Id"},
                },
            },
        },
        "group": {
            "type": "array",
            "title": "Dynamic groups",
            "items": {"type": "object", "properties": {"id": {"type": "string", "title": "Id"}}},
        },
    },
}
"""What a host picker keeps, of which people fill in this much."""

_MEMBERS: Final = (
    "selectors", "ip", "topo", "group", "filters", "excludes", "with_cloud_id", "separator",
)  # fmt: skip
_NARROWING: Final = ("var_filter_set", "var_filter_module")
_WORDS: Final = frozenset({"title", "description", "default"})
_STEP = "hosts_"
_BETWEEN = re.compile(r"[,;\s]+")
_DOWN = 80


def is_picker(constant: Mapping[str, Any]) -> bool:
    return constant.get("custom_type") in KINDS and constant.get("source_type") != "component_outputs"


def picks_hosts(schema: Mapping[str, Any]) -> bool:
    """Whether a field of a form is what such a variable becomes."""
    return {name: part for name, part in schema.items() if name not in _WORDS} == CHOICE


def resolver(name: str) -> str:
    """Id of the step that works out what a variable picks."""
    return f"{_STEP}{name}"


def picked_by(step: str) -> str:
    """The variable of such a step; empty for another one."""
    return step.removeprefix(_STEP) if step.startswith(_STEP) else ""


def choice_of(value: Any) -> dict[str, Any] | None:
    """A picker's value as the plugin takes it; none when nothing is picked."""
    if isinstance(value, str):
        return _by_address(value)
    if not isinstance(value, Mapping):
        return None
    if "origin_ips" in value:
        how = {"with_cloud_id": value.get("ip_cloud", True) is True, "separator": value.get("ip_separator") or ","}
        named = _by_address(value["origin_ips"])
        return None if named is None else named | how
    if "var_ip_method" in value:
        return _by_address(value.get("var_ip_custom_value")) if value["var_ip_method"] == "custom" else None
    return {name: value[name] for name in _MEMBERS if value.get(name) not in (None, "")} or None


def loss_of(constant: Mapping[str, Any]) -> str:
    """What of a picker's rules is not followed; empty where all are."""
    value = constant.get("value")
    match constant.get("custom_type"):
        case "ip_filter":
            return "hosts are not narrowed by the state of their agent"
        case "set_module_ip_selector" if isinstance(value, Mapping) and value.get("var_ip_method") != "custom":
            return "picks by the names of sets and modules: choose these as places of the topology"
        case "set_module_ip_selector" if isinstance(value, Mapping) and any(map(value.get, _NARROWING)):
            return "hosts are not narrowed by the names of sets and modules"
        case _:
            return ""


def _by_address(text: Any) -> dict[str, Any] | None:
    """None where there is no address, or one is a variable."""
    if not isinstance(text, str) or "${" in text:
        return None
    found = [_host(address) for address in _BETWEEN.split(text) if address]
    return {"ip": found} if found else None


def _host(address: str) -> dict[str, Any]:
    area, colon, rest = address.partition(":")
    if colon and area.isascii() and area.isdecimal():
        return {"bk_host_innerip": rest, "bk_cloud_id": int(area)}
    return {"bk_host_innerip": address}


def resolving_node(name: str, constant: Mapping[str, Any], choice: Any) -> dict[str, Any]:
    """Args:
    choice: the picked hosts, or a template of them.
    """
    return {
        "id": resolver(name),
        "kind": "plugin",
        "name": str(constant.get("name") or name)[:200],
        "plugin": PLUGIN,
        "version": VERSION,
        "inputs": {"choice": choice},
    }


def way_to(source: str, target: str) -> dict[str, Any]:
    """The edge to one of these steps."""
    return {"id": f"to_{target}", "source": source, "target": target}


def begin_with(definition: dict[str, Any], nodes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The definition with these steps right behind its start, one after the other."""
    if not nodes:
        return definition
    start = next(node["id"] for node in definition["nodes"] if node["kind"] == "start")
    names = [start, *(node["id"] for node in nodes)]
    moved = [{**edge, "source": names[-1]} if edge["source"] == start else edge for edge in definition["edges"]]
    ways = [way_to(source, target) for source, target in pairwise(names)]
    changed = {**definition, "nodes": [*definition["nodes"], *nodes], "edges": [*ways, *moved]}
    layout = definition.get("layout") or {}
    if start in layout:
        x, y = layout[start]["x"], layout[start]["y"]
        places = {name: {"x": x, "y": y + _DOWN * number} for number, name in enumerate(names[1:], 1)}
        changed["layout"] = {**layout, **places}
    return changed
