"""Definitions as the pipeline trees that clients read, with the numbers of the flows that are run inside."""

import asyncio
from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.errors import Invalid
from orchestrator.flow.blueking.export.tree import NotExportable, export_tree
from orchestrator.flow.cutting import cut
from orchestrator.sops.numbers import Kind, numbers_of

_CALLING = frozenset({"subflow", "map"})
_OF_TASKS = ("left_out", "subflows", "project_variables", "project_secrets")


def called_flows(definition: Mapping[str, Any]) -> frozenset[str]:
    """Ids of the flows that are run inside, at whatever depth."""
    parts = [definition, *(definition.get("subflows") or {}).values()]
    return frozenset(node["flow"] for part in parts for node in part["nodes"] if node["kind"] in _CALLING)


async def tree_of(session: AsyncSession, definition: Mapping[str, Any], *, of_task: bool = True) -> dict[str, Any]:
    """The tree of a flow's or a task's definition, nodes that are left out not in it; those of its sub-processes, where
    the definition has them, in their places.

    Args:
        of_task: nodes inside sub-processes by the ids they have in the task, not those they have in their own flow; and
            every step that runs is there, also those that work out picked hosts, of which a template has variables.
            Each activity tells as `template_node_id` what other tasks of the template know it by.

    Raises:
        Unnumbered: a flow that is run inside has no number yet.
    """
    called = called_flows(definition)
    numbers = await numbers_of(session, Kind.FLOW, called) if called else {}
    try:
        # In a thread: a flow of thousands of nodes takes long enough to hold up other requests.
        templates = {flow: str(number) for flow, number in numbers.items()}
        return await asyncio.to_thread(_drawn, definition, templates, of_task=of_task)
    except NotExportable as error:
        raise Invalid(str(error)) from None


def with_values(tree: dict[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The tree of a task: its variables have the values that were filled in."""
    constants = {
        key: _filled(constant, inputs[name]) if (name := key[2:-1]) in inputs else constant
        for key, constant in tree["constants"].items()
    }
    return {**tree, "constants": constants}


def _filled(constant: Mapping[str, Any], value: Any) -> dict[str, Any]:
    """What describes a variable stands beside its value once it has one."""
    described = {"meta": constant} if constant.get("is_meta") else {}
    return {**constant, **described, "value": value}


def _drawn(definition: Mapping[str, Any], templates: Mapping[str, str], *, of_task: bool) -> dict[str, Any]:
    drawn = cut(definition, definition.get("left_out") or ())
    plain = {name: value for name, value in drawn.items() if name not in _OF_TASKS}
    tree = export_tree(plain, templates, with_pickers=not of_task).tree
    if of_task:
        for name, activity in tree["activities"].items():
            activity["template_node_id"] = name
    subflows = definition.get("subflows") or {}
    for node in drawn["nodes"]:
        inner = subflows.get(f"{node.get('flow')}@{node.get('revision')}")
        if node["kind"] == "subflow" and inner is not None:
            placed = _inside(inner, node["id"]) if of_task else inner
            pipeline = _drawn({**placed, "subflows": subflows}, templates, of_task=of_task)
            tree["activities"][node["id"]]["pipeline"] = pipeline
    return tree


def _inside(definition: Mapping[str, Any], container: str) -> dict[str, Any]:
    """With the ids that nodes and edges have in the task."""

    def named(part: Mapping[str, Any], *members: str) -> dict[str, Any]:
        return {**part, **{name: f"{container}.{part[name]}" for name in members}}

    return {
        **definition,
        "nodes": [named(node, "id") for node in definition["nodes"]],
        "edges": [named(edge, "id", "source", "target") for edge in definition["edges"]],
        "layout": {f"{container}.{name}": place for name, place in (definition.get("layout") or {}).items()},
    }
