"""Finds what of a definition its tree does not say, and keeps it there."""

from collections.abc import Mapping
from typing import Any

from orchestrator.flow.blueking.keeping import MEMBER, keep
from orchestrator.flow.blueking.nodes import Counterparts
from orchestrator.flow.blueking.report import Report
from orchestrator.flow.blueking.tree import OF_FLOW, conditions_of, convert_tree, shown
from orchestrator.flow.node_document import read_node, write_node
from orchestrator.flow.problems import Problem


def keep_differences(
    tree: dict[str, Any], definition: Mapping[str, Any], templates: Mapping[str, str], report: Report
) -> None:
    """Compares the definition, as it is written, with what the tree is read as, part by part."""
    flows = {template: flow for flow, template in templates.items()}
    read = convert_tree(tree, Counterparts({}, flows)).definition
    _keep_nodes(tree, definition, read, report)
    failures = _keep_edges(tree, definition, read, report)
    own = {name: definition.get(name) for name in OF_FLOW if definition.get(name) != read.get(name)}
    for name in own.keys() - {"layout"}:
        report.lost(name, "is not all said by variables: Standard OPS takes what it has of it")
    beside: dict[str, Any] = {}
    if own:
        keep(beside.setdefault("flow", {}), own, shown(tree))
    if failures:
        keep(beside.setdefault("failures", {}), failures)
    if beside:
        tree[MEMBER] = beside


def _keep_nodes(tree: dict[str, Any], whole: Mapping[str, Any], read: Mapping[str, Any], report: Report) -> None:
    found = {node["id"]: _as_written(node) for node in read["nodes"]}
    ends = [node for node in whole["nodes"] if node["kind"] == "end"]
    for node in whole["nodes"]:
        name = node["id"]
        if node["kind"] == "end":
            continue
        if node == found.get(name):
            continue
        part = tree["activities"].get(name) or tree["gateways"].get(name) or tree["start_event"]
        keep(part, node)
        _tell(report, name, node, found.get(name) or {})
    if ends != [found.get(ends[0]["id"])]:
        keep(tree["end_event"], ends)


def _as_written(node: Mapping[str, Any]) -> dict[str, Any]:
    """The node with every member it has, empty when it is none."""
    problems: list[Problem] = []
    found = read_node(node, "", problems)
    return {} if found is None or problems else write_node(found)


def _tell(report: Report, name: str, node: Mapping[str, Any], read: Mapping[str, Any]) -> None:
    if node["kind"] != read.get("kind"):
        report.open(f"activities.{name}", f"is of the kind {node['kind']}, which Standard OPS does not have")
        return
    members = sorted(key for key in node.keys() | read.keys() if node.get(key) != read.get(key))
    if members != ["name"]:
        report.lost(f"activities.{name}", f"{', '.join(members)}: not all of it can be said to Standard OPS")


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
