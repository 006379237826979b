"""Plugin nodes in the JSON of a definition: which there are, and the same with another version. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from orchestrator.flow.model import NodeKind


def versions_used(definition: Mapping[str, Any], plugin: str) -> dict[str, tuple[str, ...]]:
    """Version → ids of the nodes that run it; those of flows inside, as a task has them, with none."""
    used: dict[str, tuple[str, ...]] = {}
    for node in _nodes(definition, plugin):
        used[node["version"]] = (*used.get(node["version"], ()), node["id"])
    for inner in definition.get("subflows", {}).values():
        for version in versions_used(inner, plugin):
            used.setdefault(version, ())
    return used


def with_version(
    definition: Mapping[str, Any], plugin: str, before: str, after: str
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The definition with the nodes that run `before` moved to `after`, and their ids."""
    moved = tuple(node["id"] for node in _nodes(definition, plugin) if node["version"] == before)
    nodes = [{**node, "version": after} if node["id"] in moved else node for node in definition["nodes"]]
    return {**definition, "nodes": nodes}, moved


def _nodes(definition: Mapping[str, Any], plugin: str) -> Iterator[Mapping[str, Any]]:
    return (node for node in definition["nodes"] if node["kind"] == NodeKind.PLUGIN and node["plugin"] == plugin)
