"""Nodes that run something of which there is a newer version, and definitions moved to it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import semver

from orchestrator.flow.model import NodeKind

_CALLING = frozenset({NodeKind.SUBFLOW, NodeKind.MAP})


class Of(StrEnum):
    """What is newer."""

    PLUGIN = "plugin"
    SUBFLOW = "subflow"


@dataclass(frozen=True, slots=True)
class Step:
    """From one version to a newer one.

    Attributes:
        name: code of the plugin, or id of the flow.
        before, after: versions of the plugin, or revisions of the flow.
    """

    of: Of
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Newest:
    """Attributes:
    plugins: code → newest version that may run in the project.
    flows: id → latest revision.
    """

    plugins: Mapping[str, str]
    flows: Mapping[str, int]


def newest_versions(versions: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Code → the highest of its versions; what is tried beforehand is lower than what it leads to."""
    found: dict[str, str] = {}
    for code, version in versions:
        if code not in found or is_newer(version, found[code]):
            found[code] = version
    return found


def is_newer(version: str, than: str) -> bool:
    """Versions that aren't semantic ones are neither newer nor older."""
    if not semver.Version.is_valid(version) or not semver.Version.is_valid(than):
        return False
    return semver.Version.parse(version) > semver.Version.parse(than)


def steps_of(definition: Mapping[str, Any], newest: Newest) -> dict[Step, tuple[str, ...]]:
    """Steps that nodes could be moved by → those nodes."""
    found: dict[Step, tuple[str, ...]] = {}
    for node in definition["nodes"]:
        step = _step(node, newest)
        if step is not None:
            found[step] = (*found.get(step, ()), node["id"])
    return found


def moved(definition: Mapping[str, Any], steps: Sequence[Step]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The definition after the steps, and the nodes that were moved."""
    by_place: dict[tuple[Of | None, str, str], Step] = {(step.of, step.name, step.before): step for step in steps}
    nodes, changed = [], []
    for node in definition["nodes"]:
        step = by_place.get(_place(node))
        nodes.append(node if step is None else _with(node, step))
        if step is not None:
            changed.append(node["id"])
    return {**definition, "nodes": nodes}, tuple(changed)


def _step(node: Mapping[str, Any], newest: Newest) -> Step | None:
    of, name, before = _place(node)
    if of is Of.PLUGIN:
        after = newest.plugins.get(name, "")
        return Step(of, name, before, after) if is_newer(after, before) else None
    latest = newest.flows.get(name, 0)
    return Step(Of.SUBFLOW, name, before, str(latest)) if of is Of.SUBFLOW and latest > int(before) else None


def _place(node: Mapping[str, Any]) -> tuple[Of | None, str, str]:
    """What it runs, and in which version; a flow that is not pinned is always the latest."""
    if node["kind"] == NodeKind.PLUGIN:
        return Of.PLUGIN, node["plugin"], node["version"]
    if node["kind"] in _CALLING and node.get("revision") is not None:
        return Of.SUBFLOW, node["flow"], str(node["revision"])
    return None, "", ""


def _with(node: Mapping[str, Any], step: Step) -> dict[str, Any]:
    if step.of is Of.PLUGIN:
        return {**node, "version": step.after}
    return {**node, "revision": int(step.after)}
