"""Definitions as the pipeline trees that clients read, with the numbers of the flows that are run inside."""

import asyncio
from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.errors import Invalid
from orchestrator.flow.blueking.export.tree import NotExportable, export_tree
from orchestrator.flow.cutting import cut
from orchestrator.sops.numbers import Kind, numbers_of

_OF_TASKS = ("left_out", "subflows")


async def tree_of(session: AsyncSession, definition: Mapping[str, Any]) -> dict[str, Any]:
    """The tree of a flow's or a task's definition, nodes that are left out not in it.

    Raises:
        Unnumbered: a flow that is run inside has no number yet.
    """
    called = {node["flow"] for node in definition["nodes"] if node["kind"] in {"subflow", "map"}}
    numbers = await numbers_of(session, Kind.FLOW, called) if called else {}
    drawn = cut(definition, definition.get("left_out") or ())
    own = {name: value for name, value in drawn.items() if name not in _OF_TASKS}
    try:
        # In a thread: a flow of thousands of nodes takes long enough to hold up other requests.
        exported = await asyncio.to_thread(export_tree, own, {flow: str(number) for flow, number in numbers.items()})
    except NotExportable as error:
        raise Invalid(str(error)) from None
    return exported.tree


def with_values(tree: dict[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The tree of a task: its variables have the values that were filled in."""
    constants = {
        key: {**constant, "value": inputs[name]} if (name := key[2:-1]) in inputs else constant
        for key, constant in tree["constants"].items()
    }
    return {**tree, "constants": constants}
