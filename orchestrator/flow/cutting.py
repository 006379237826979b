"""A definition without some of its steps, drawn as it runs: their ways lead on, and a fork without steps goes."""

from collections.abc import Collection, Mapping
from typing import Any


def cut(definition: Mapping[str, Any], left_out: Collection[str]) -> dict[str, Any]:
    """What is left of a definition whose steps ``left_out`` may be left out."""
    nodes = {node["id"]: node for node in definition["nodes"]}
    edges = [dict(edge) for edge in definition["edges"]]
    for name in left_out:
        edges = _bridged(nodes, edges, name)
    while (fork := _empty_fork(nodes, edges)) is not None:
        join = next(edge["target"] for edge in edges if edge["source"] == fork)
        edges = _bridged(nodes, [edge for edge in edges if edge["source"] != fork], join, entered=fork)
        del nodes[fork]
    return {**definition, "nodes": list(nodes.values()), "edges": _without_empty_branches(nodes, edges)}


def _bridged(
    nodes: dict[str, Any], edges: list[dict[str, Any]], name: str, *, entered: str | None = None
) -> list[dict[str, Any]]:
    """Edges into the node (or into ``entered``) lead to where its own one leads; the node goes."""
    onward = next((edge for edge in edges if edge["source"] == name and not edge.get("failure")), None)
    if onward is None or nodes.pop(name, None) is None:
        return edges
    rest = [edge for edge in edges if edge["source"] != name]
    reached = {name, entered}
    return [{**edge, "target": onward["target"]} if edge["target"] in reached else edge for edge in rest]


def _empty_fork(nodes: Mapping[str, Any], edges: Collection[Mapping[str, Any]]) -> str | None:
    """A parallel node all of whose branches lead straight to one join."""
    for name, node in nodes.items():
        if node["kind"] == "parallel":
            targets = {edge["target"] for edge in edges if edge["source"] == name}
            if len(targets) == 1 and nodes[next(iter(targets))]["kind"] == "join":
                return name
    return None


def _without_empty_branches(nodes: Mapping[str, Any], edges: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        edge for edge in edges if nodes[edge["source"]]["kind"] != "parallel" or nodes[edge["target"]]["kind"] != "join"
    ]
