"""Definitions of tasks whose nodes are answered by what somebody wrote down. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kernel.errors import FieldProblem, Invalid

_PLUGIN = "plugin"
_NOTIFY = "notify"
_INSIDE = frozenset({"subflow", "map"})


@dataclass(frozen=True, slots=True)
class NodeMock:
    """How one plugin node is answered.

    Attributes:
        real: its plugin is called; otherwise nothing leaves.
        outputs: what it is to have given.
        error: it is to have failed with this; empty when it is not.
    """

    real: bool = False
    outputs: Mapping[str, Any] | None = None
    error: str = ""


NOTHING = NodeMock()


def mocked(definition: Mapping[str, Any], mocks: Mapping[str, NodeMock]) -> dict[str, Any]:
    """A composed definition in which every plugin node is answered as ``mocks`` say, those not named with no outputs,
    and nobody is told anything. Locks are waited for only where something is really called: a trial must not hold up
    what runs in earnest.

    Args:
        mocks: by path, as `check.df` for the node `df` of the flow that the node `check` runs. A flow that several
            nodes run is answered the same way in each.

    Raises:
        Invalid: naming each path that leads to no plugin node.
    """
    inner = definition.get("subflows", {})
    places = dict(_places(definition, inner, ""))
    problems = [
        FieldProblem(f"/nodes/{path}", "is no plugin node of the flow", "Name one, or leave it out")
        for path in mocks
        if path not in places
    ]
    if problems:
        raise Invalid("; ".join(f"{problem.field} {problem.problem}" for problem in problems[:5]), fields=problems)
    chosen = {places[path]: mock for path, mock in mocks.items()}
    calling = _calling(inner, {key for (key, _), mock in chosen.items() if mock.real})
    made = {**definition, "nodes": _answered(definition["nodes"], "", chosen, calling)}
    if inner:
        made["subflows"] = {
            key: {**part, "nodes": _answered(part["nodes"], key, chosen, calling)} for key, part in inner.items()
        }
    return made


def really_called(definition: Mapping[str, Any]) -> frozenset[tuple[str, str]]:
    """Code and version of the plugins that a mocked definition calls."""
    parts = [definition, *definition.get("subflows", {}).values()]
    nodes = (node for part in parts for node in part["nodes"])
    return frozenset(
        (node["plugin"], node["version"]) for node in nodes if node["kind"] == _PLUGIN and "mock" not in node
    )


def _places(
    part: Mapping[str, Any], inner: Mapping[str, Mapping[str, Any]], prefix: str, key: str = ""
) -> Iterator[tuple[str, tuple[str, str]]]:
    """Path of each plugin node → (the flow it stands in, its id there)."""
    for node in part["nodes"]:
        path = f"{prefix}{node['id']}"
        if node["kind"] == _PLUGIN:
            yield path, (key, node["id"])
        elif node["kind"] in _INSIDE:
            called = _inside(node)
            yield from _places(inner[called], inner, f"{path}.", called)


def _inside(node: Mapping[str, Any]) -> str:
    """Under which key of a composed definition the flow stands that a node runs."""
    return f"{node['flow']}@{node['revision']}"


def _calling(inner: Mapping[str, Mapping[str, Any]], calling: set[str]) -> frozenset[str]:
    """Keys of the flows in which a plugin is really called, at any depth, of those in which one is at once."""
    found = set(calling)
    while True:
        outside = {
            key
            for key, part in inner.items()
            if key not in found and any(n["kind"] in _INSIDE and _inside(n) in found for n in part["nodes"])
        }
        if not outside:
            return frozenset(found)
        found |= outside


def _answered(
    nodes: list[dict[str, Any]],
    key: str,
    chosen: Mapping[tuple[str, str], NodeMock],
    calling: frozenset[str],
) -> list[dict[str, Any]]:
    return [_with_answer(node, chosen.get((key, node["id"]), NOTHING), calling) for node in nodes]


def _with_answer(node: dict[str, Any], mock: NodeMock, calling: frozenset[str]) -> dict[str, Any]:
    if (node["kind"] == _PLUGIN and mock.real) or (node["kind"] in _INSIDE and _inside(node) in calling):
        return node
    unlocked = {name: value for name, value in node.items() if name != "lock"}
    if node["kind"] == _NOTIFY:
        return {**unlocked, "mock": {"outputs": {}}}
    if node["kind"] != _PLUGIN:
        return unlocked
    return {**unlocked, "mock": {"error": mock.error} if mock.error else {"outputs": dict(mock.outputs or {})}}
