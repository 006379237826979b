"""Variables that pick hosts: a step at the start works out what is picked, and what names the variable gets the
addresses as text, as there.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

PLUGIN: Final = "cmdb_resolve_hosts"
VERSION: Final = "1.0.0"
KINDS: Final = frozenset({"ip_selector", "ip"})

_MEMBERS: Final = (
    "selectors", "ip", "topo", "group", "filters", "excludes", "with_cloud_id", "separator",
)  # fmt: skip
_BETWEEN = re.compile(r"[,;\s]+")
_DOWN = 80


def is_picker(constant: Mapping[str, Any]) -> bool:
    return constant.get("custom_type") in KINDS and constant.get("source_type") != "component_outputs"


def resolver(name: str) -> str:
    """Id of the step that works out what a variable picks."""
    return f"hosts_{name}"


def choice_of(value: Any) -> dict[str, Any] | None:
    """A picker's value as the plugin takes it; none when nothing is picked."""
    if isinstance(value, str):
        addresses = [address for address in _BETWEEN.split(value) if address]
        return {"ip": [{"bk_host_innerip": address} for address in addresses]} if addresses else None
    if not isinstance(value, Mapping):
        return None
    return {name: value[name] for name in _MEMBERS if value.get(name) not in (None, "")} or None


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


def begin_with(definition: dict[str, Any], nodes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The definition with these steps right behind its start, one after the other."""
    if not nodes:
        return definition
    start = next(node["id"] for node in definition["nodes"] if node["kind"] == "start")
    names = [start, *(node["id"] for node in nodes)]
    moved = [{**edge, "source": names[-1]} if edge["source"] == start else edge for edge in definition["edges"]]
    ways = [{"id": f"to_{target}", "source": source, "target": target} for source, target in pairwise(names)]
    changed = {**definition, "nodes": [*definition["nodes"], *nodes], "edges": [*ways, *moved]}
    layout = definition.get("layout") or {}
    if start in layout:
        x, y = layout[start]["x"], layout[start]["y"]
        places = {name: {"x": x, "y": y + _DOWN * number} for number, name in enumerate(names[1:], 1)}
        changed["layout"] = {**layout, **places}
    return changed
