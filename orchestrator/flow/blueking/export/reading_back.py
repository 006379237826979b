"""Finds what of a definition its tree does not say, and keeps it there."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final

from orchestrator.flow.blueking.keeping import MEMBER, keep
from orchestrator.flow.blueking.nodes import Counterparts
from orchestrator.flow.blueking.report import Report
from orchestrator.flow.blueking.tree import OF_FLOW, conditions_of, convert_tree, shown
from orchestrator.flow.node_document import read_node, write_node
from orchestrator.flow.problems import Problem

_POLICIES: Final = frozenset({"retryable", "skippable", "optional", "retry", "timeout", "on_failure"})
_WITHOUT_COUNTERPART: Final = {
    "lock": "nothing keeps nodes of several tasks apart there",
    "event": "nothing waits for an event there",
    "key": "nothing waits for an event there",
    "groups": "groups of a project have numbers there: choose them by hand",
}
"""Member of a node → why it is lost."""


def keep_differences(
    tree: dict[str, Any],
    definition: Mapping[str, Any],
    templates: Mapping[str, str],
    report: Report,
    computed: AbstractSet[str],
) -> None:
    """Compares the definition, as it is written, with what the tree is read as, part by part.

    Args:
        computed: outputs for which the tree has a variable of their own.
    """
    flows = {template: flow for flow, template in templates.items()}
    read = convert_tree(tree, Counterparts({}, flows)).definition
    _keep_nodes(tree, definition, read, report)
    failures = _keep_edges(tree, definition, read, report)
    own = {name: definition.get(name) for name in OF_FLOW if definition.get(name) != read.get(name)}
    said = _said(own, definition, read, computed)
    for name in sorted(own.keys() - said):
        report.lost(name, "is not all said by variables: Standard OPS takes what it has of it")
    beside: dict[str, Any] = {}
    if own:
        keep(beside.setdefault("flow", {}), own, shown(tree))
    if failures:
        keep(beside.setdefault("failures", {}), failures)
    if definition.get("executor"):
        keep(beside.setdefault("executor", {}), definition["executor"])
    if beside:
        tree[MEMBER] = beside


def comes_back(tree: Mapping[str, Any], definition: Mapping[str, Any], templates: Mapping[str, str]) -> bool:
    """Whether what of the definition has no part in the tree is made again when that is read."""
    flows = {template: flow for flow, template in templates.items()}
    read = convert_tree(tree, Counterparts({}, flows)).definition
    nodes = [_as_written(node) for node in read["nodes"]]
    parts = {**tree["activities"], **tree["gateways"]}
    steps = [node for node in definition["nodes"] if node["id"] not in parts and node["kind"] not in {"start", "end"}]
    ways = [edge for edge in definition["edges"] if edge["id"] not in tree["flows"] and not edge.get("failure")]
    return all(node in nodes for node in steps) and all(edge in read["edges"] for edge in ways)


def _said(
    own: Mapping[str, Any], definition: Mapping[str, Any], read: Mapping[str, Any], computed: AbstractSet[str]
) -> AbstractSet[str]:
    """Parts that are read otherwise and mean the same: an output that is put together is a constant there."""
    constants, outputs = read.get("constants") or {}, read.get("outputs") or {}
    put_together = {name: constants[name]["value"] for name in computed if name in constants}
    as_here = {name: put_together.get(name, value) for name, value in outputs.items()}
    added = {name: constant for name, constant in constants.items() if name not in computed}
    same = {"layout"}
    if {**(definition.get("form") or {}), "uischema": (read.get("form") or {}).get("uischema")} == read.get("form"):
        same.add("form")  # it has the order of its fields besides
    if as_here == (definition.get("outputs") or {}):
        same.add("outputs")
    if added == (definition.get("constants") or {}):
        same.add("constants")
    return same & own.keys()


def _keep_nodes(tree: dict[str, Any], whole: Mapping[str, Any], read: Mapping[str, Any], report: Report) -> None:
    found = {node["id"]: _as_written(node) for node in read["nodes"]}
    ends = [node for node in whole["nodes"] if node["kind"] == "end"]
    for node in whole["nodes"]:
        name = node["id"]
        if node["kind"] == "end" or node == found.get(name):
            continue
        part, place = _part_of(tree, name)
        keep(part, node)
        _tell(report, place, node, found.get(name) or {})
    if ends != [found.get(ends[0]["id"])]:
        keep(tree["end_event"], ends)


def _part_of(tree: Mapping[str, Any], name: str) -> tuple[dict[str, Any], str]:
    """What stands for a node, and where."""
    for parts in ("activities", "gateways"):
        if name in tree[parts]:
            return tree[parts][name], f"{parts}.{name}"
    return tree["start_event"], "start_event"


def _as_written(node: Mapping[str, Any]) -> dict[str, Any]:
    """The node with every member it has, empty when it is none."""
    problems: list[Problem] = []
    found = read_node(node, "", problems)
    return {} if found is None or problems else write_node(found)


def _tell(report: Report, place: str, node: Mapping[str, Any], read: Mapping[str, Any]) -> None:
    """Says by member what does not stand there."""
    kind = node["kind"]
    differing = {name for name in node.keys() | read.keys() if node.get(name) != read.get(name)} - {"name"}
    if kind != read.get("kind"):
        _tell_kind(report, place, kind)
        differing &= _POLICIES | _WITHOUT_COUNTERPART.keys()
    for member in sorted(differing):
        reason = _WITHOUT_COUNTERPART.get(member, "not all of it can be said to Standard OPS")
        report.lost(f"{place}.{member}", reason)


def _tell_kind(report: Report, place: str, kind: str) -> None:
    match kind:
        case "notify":
            report.note(place, "is told by bk_notify there")
        case "wait":
            report.open(place, "is a pause_node there: somebody has to have it go on")
        case _:
            report.open(place, f"is of the kind {kind}, which Standard OPS does not have")


def _keep_edges(
    tree: dict[str, Any], whole: Mapping[str, Any], read: Mapping[str, Any], report: Report
) -> list[Mapping[str, Any]]:
    """Answers the edges that have no place in the tree."""
    found = {edge["id"]: edge for edge in read["edges"]}
    conditions = conditions_of(tree)
    failures = []
    for edge in whole["edges"]:
        name = edge["id"]
        if edge.get("failure"):
            failures.append(edge)
            report.open(f"flows.{name}", "is the way of a step that has failed, which Standard OPS does not have")
        elif edge != found.get(name):
            condition = conditions.get(name)
            keep(tree["flows"][name], edge, condition)
            if condition is not None and condition.get("evaluate") == edge.get("condition"):
                report.open(f"flows.{name}", "its condition can't be said to Standard OPS", edge["condition"], 0)
    return failures
