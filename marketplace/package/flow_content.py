"""`flow.json`: the flows of a package of kind flow, as far as they can be judged without knowing what nodes do. Pure.

`definition` is the flow itself, `flows` those it runs inside, by the names that its nodes, and theirs, call them by.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from kernel.errors import FieldProblem
from kernel.forms.bounds import DATA_BOUNDS, bound_problem
from kernel.names import name_problem
from marketplace.package import wordings
from marketplace.package.errors import PackageRefused
from marketplace.package.limits import FLOW
from marketplace.package.manifest import Manifest
from marketplace.package.ranges import read_range

FORMAT: Final = "trunkline-flow-package/1"
_CALLING: Final = frozenset({"subflow", "map"})
_LONGEST: Final = 64
"""Characters of the name by which nodes call a flow inside."""


def read_flow_content(content: bytes, manifest: Manifest) -> dict[str, Any]:
    """Raises:
    PackageRefused: it is no such document, or does not agree with the manifest.
    """
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise PackageRefused([wordings.FLOW_NO_JSON.at(FLOW)]) from error
    past = bound_problem(document, DATA_BOUNDS, FLOW)
    if past is not None:
        raise PackageRefused([past])
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise PackageRefused([wordings.FLOW_FORMAT.at(FLOW, format=FORMAT)])
    problems = list(_shape_problems(document)) or list(_agreement(document, manifest))
    if problems:
        raise PackageRefused(problems)
    return document


def _shape_problems(document: Mapping[str, Any]) -> Iterator[FieldProblem]:
    flows = document.get("flows")
    if not isinstance(flows, dict):
        yield wordings.FLOW_FLOWS.at(f"{FLOW}: flows")
        return
    if unknown := sorted(document.keys() - {"format", "definition", "flows"}):
        yield wordings.FLOW_UNKNOWN.at(f"{FLOW}: {unknown[0]}")
    parts = {"definition": document.get("definition")}
    for name, part in flows.items():
        title = part.get("name") if isinstance(part, dict) else None
        place = f"{FLOW}: flows.{name[:_LONGEST]}"
        if not isinstance(title, str) or not title.strip() or len(name) > _LONGEST:
            yield wordings.FLOW_NAME.at(place)
        elif (problem := name_problem(place, title)) is not None:
            yield problem
        else:
            parts[f"flows.{name}.definition"] = part.get("definition")
    for place, definition in parts.items():
        nodes = definition.get("nodes") if isinstance(definition, dict) else None
        if not isinstance(nodes, list) or not all(isinstance(node, dict) for node in nodes):
            yield wordings.FLOW_NODES.at(f"{FLOW}: {place}")


def _agreement(document: Mapping[str, Any], manifest: Manifest) -> Iterator[FieldProblem]:
    """Every plugin that a node runs is named with a range that it lies in, and every flow is there."""
    content = manifest.flow
    ranges = {need.code: read_range(need.versions) for need in (content.plugins if content is not None else ())}
    used: set[str] = set()
    for node in nodes_of(document):
        if str(node.get("kind")) in _CALLING and str(node.get("flow")) not in document["flows"]:
            yield wordings.FLOW_INSIDE.at(f"{FLOW}: {node.get('id')}", flow=repr(node.get("flow")))
        if node.get("kind") != "plugin":
            continue
        code, version = str(node.get("plugin")), str(node.get("version"))
        used.add(code)
        if code not in ranges:
            yield wordings.FLOW_PLUGIN.at("flow.plugins", plugin=code, node=str(node.get("id")))
        elif not _lies_in(version, ranges[code].text):
            yield wordings.FLOW_RANGE.at("flow.plugins", plugin=code, version=version, range=ranges[code].text)
    for index, code in enumerate(ranges):
        if code not in used:
            yield wordings.FLOW_UNUSED.at(f"flow.plugins[{index}]", plugin=code)


def nodes_of(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Of the flow itself, then of those inside."""
    for definition in (document["definition"], *(part["definition"] for part in document["flows"].values())):
        yield from definition["nodes"]


def _lies_in(version: str, text: str) -> bool:
    try:
        return read_range(text).admits(version)
    except ValueError:
        return False
