"""A flow with those it runs inside as the document of a package: without people, ids and secrets. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import semver

from orchestrator.flow.model import NodeKind
from orchestrator.flow.project_secrets import named_secrets

FORMAT: Final = "trunkline-flow-package/1"
CALLING: Final = frozenset({NodeKind.SUBFLOW.value, NodeKind.MAP.value})
_NAMED: Final = ("approvers", "people")

SecretFields = Mapping[tuple[str, str], frozenset[str]]
"""Plugin and version → its inputs that take the name of a secret."""


@dataclass(frozen=True, slots=True)
class Inner:
    """A flow that is run inside."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Packed:
    """Attributes:
    plugins: code → the range of versions that may stand for those it was made with.
    secrets: names of those that nodes use.
    people: nodes from which people or groups of a project were taken, by their names.
    """

    document: dict[str, Any]
    plugins: Mapping[str, str]
    secrets: tuple[str, ...]
    people: tuple[str, ...]


def pack(composed: Mapping[str, Any], inside: Mapping[str, Inner], secret_fields: SecretFields) -> Packed:
    """Args:
    composed: the definition with everything inside, as a task has it.
    inside: by the same names as in its ``subflows``.
    """
    subflows: Mapping[str, Any] = composed.get("subflows") or {}
    keys = {name: f"flow-{number}" for number, name in enumerate(sorted(subflows), 1)}
    parts = [composed, *(subflows[name] for name in sorted(subflows))]
    nodes = [node for part in parts for node in part["nodes"]]
    document = {
        "format": FORMAT,
        "definition": _packed({name: part for name, part in composed.items() if name != "subflows"}, keys),
        "flows": {
            keys[name]: {
                "name": inside[name].name,
                "description": inside[name].description,
                "definition": _packed(subflows[name], keys),
            }
            for name in sorted(subflows)
        },
    }
    return Packed(
        document,
        _ranges(nodes),
        tuple(sorted({*_secrets(nodes, secret_fields), *named_secrets(composed)})),
        tuple(dict.fromkeys(node.get("name") or node["id"] for node in nodes if _without_people(node) != node)),
    )


def range_of(versions: Iterable[str]) -> str:
    """From the lowest on, up to where the highest may break."""
    parsed = [semver.Version.parse(version) for version in versions]
    last = max(parsed)
    end = semver.Version(last.major + 1) if last.major else semver.Version(0, last.minor + 1)
    return f">={min(parsed)} <{end}"


def _packed(definition: Mapping[str, Any], keys: Mapping[str, str]) -> dict[str, Any]:
    def packed(node: Mapping[str, Any]) -> dict[str, Any]:
        if node["kind"] not in CALLING:
            return _without_people(node)
        called = {name: value for name, value in _without_people(node).items() if name != "revision"}
        return {**called, "flow": keys[f"{node['flow']}@{node['revision']}"]}

    kept = {name: value for name, value in definition.items() if name != "executor"}
    return {**kept, "nodes": [packed(node) for node in definition["nodes"]]}


def _without_people(node: Mapping[str, Any]) -> dict[str, Any]:
    """Whom a template names is known only by the task: it stays."""
    kept = {name: value for name, value in node.items() if name not in {"groups", "executor"}}
    for name in _NAMED:
        if name in kept:
            kept[name] = [each for each in kept[name] if "${" in each]
            if not kept[name]:
                del kept[name]
    return kept


def _ranges(nodes: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    used: dict[str, set[str]] = {}
    for node in nodes:
        if node["kind"] == NodeKind.PLUGIN:
            used.setdefault(node["plugin"], set()).add(node["version"])
    return {code: range_of(versions) for code, versions in sorted(used.items())}


def _secrets(nodes: Sequence[Mapping[str, Any]], secret_fields: SecretFields) -> Iterator[str]:
    for node in nodes:
        if node["kind"] != NodeKind.PLUGIN:
            continue
        fields = secret_fields.get((node["plugin"], node["version"]), frozenset())
        given = node.get("inputs") or {}
        yield from (given[name] for name in fields if isinstance(given.get(name), str) and "${" not in given[name])
