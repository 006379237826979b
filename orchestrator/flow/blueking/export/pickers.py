"""Steps at the start that work out which hosts are picked, as variables of Standard OPS that pick them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestrator.flow.blueking.export.fields import PICKER, PICKER_TAG
from orchestrator.flow.blueking.host_pickers import picked_by, picks_hosts, resolving_node, way_to

_OF_STEP = {"retryable": True, "skippable": True}


@dataclass(frozen=True, slots=True)
class Picked:
    """Attributes:
    definition: without the steps.
    asked: inputs that pick hosts.
    hidden: variables that do so and that nobody is asked for, with their constants.
    """

    definition: Mapping[str, Any]
    asked: frozenset[str] = frozenset()
    hidden: Mapping[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        return self.asked | self.hidden.keys()


def without_steps(definition: Mapping[str, Any]) -> Picked:
    """Those right behind the start go that are as an import makes them; others are steps like any other."""
    nodes = {node["id"]: node for node in definition["nodes"]}
    found, unused = list(_chain(definition, nodes)), frozenset(_unused(definition))
    if not found:
        return Picked(definition, unused)
    start = next(node["id"] for node in definition["nodes"] if node["kind"] == "start")
    gone, last = {node["id"] for node in found}, found[-1]["id"]
    edges = [
        {**edge, "source": start} if edge["source"] == last else edge
        for edge in definition["edges"]
        if edge["target"] not in gone
    ]
    kept = [node for node in definition["nodes"] if node["id"] not in gone]
    names = {picked_by(node["id"]): node for node in found}
    hidden = {name: _variable(node) for name, node in names.items() if not _is_asked(name, node)}
    asked = unused | (names.keys() - hidden.keys())
    return Picked({**definition, "nodes": kept, "edges": edges}, asked, hidden)


def _unused(definition: Mapping[str, Any]) -> Iterator[str]:
    """Inputs that pick hosts and that nothing names: they need no step."""
    rest = json.dumps({name: part for name, part in definition.items() if name not in {"form", "layout"}})
    for name, given in _properties(definition).items():
        if isinstance(given, Mapping) and picks_hosts(given) and f"inputs.{name}" not in rest:
            yield name


def _properties(definition: Mapping[str, Any]) -> Mapping[str, Any]:
    return ((definition.get("form") or {}).get("schema") or {}).get("properties") or {}


def _chain(definition: Mapping[str, Any], nodes: Mapping[str, Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """From the start on, as long as one step and one way lead on."""
    at = next((name for name, node in nodes.items() if node["kind"] == "start"), "")
    while True:
        leaving = [edge for edge in definition["edges"] if edge["source"] == at]
        if len(leaving) != 1 or leaving[0]["target"] not in nodes:
            return
        node = nodes[leaving[0]["target"]]
        arriving = [edge for edge in definition["edges"] if edge["target"] == node["id"]]
        if arriving != [way_to(at, node["id"])] or not _is_resolver(node, definition):
            return
        yield node
        at = node["id"]


def _is_resolver(node: Mapping[str, Any], definition: Mapping[str, Any]) -> bool:
    name = picked_by(node["id"])
    if not name or node["kind"] != "plugin":
        return False
    given = _properties(definition).get(name)
    if _is_asked(name, node):
        title = given.get("title") if isinstance(given, Mapping) and picks_hosts(given) else None
    else:
        choice = (node.get("inputs") or {}).get("choice")
        taken = given is not None or name in (definition.get("constants") or {})
        title = None if taken or not choice or "${" in str(choice) else node.get("name")
    if title is None:
        return False
    made = resolving_node(name, {"name": title}, node["inputs"]["choice"])
    return dict(node) == {**made, **_OF_STEP, "version": node["version"]}


def _is_asked(name: str, node: Mapping[str, Any]) -> bool:
    return (node.get("inputs") or {}).get("choice") == f"${{inputs.{name}}}"


def _variable(node: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": node["name"],
        "custom_type": PICKER,
        "source_type": "custom",
        "source_tag": PICKER_TAG,
        "source_info": {},
        "show_type": "hide",
        "value": node["inputs"]["choice"],
    }
