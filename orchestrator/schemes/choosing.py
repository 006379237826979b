"""Schemes as those use them who launch tasks: what they leave out of one definition."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.errors import FieldProblem
from orchestrator.schemes.errors import SchemesRefused
from orchestrator.schemes.models import Scheme
from orchestrator.schemes.repository import schemes_of
from orchestrator.schemes.selection import Selection, left_out, optional_nodes


async def chosen_left_out(
    session: AsyncSession, flow_id: str, definition: Mapping[str, Any], schemes: Sequence[str], others: Sequence[str]
) -> list[str]:
    """The nodes a task does without: `others`, and what the schemes leave out together.

    Raises:
        SchemesRefused: one is no scheme of the flow.
    """
    if not schemes:
        return list(others)
    found = {scheme.id: scheme for scheme in await schemes_of(session, flow_id, schemes)}
    problems = [
        FieldProblem(f"/schemes/{index}", f"the flow has no scheme {name!r}", "Take one of its list of schemes")
        for index, name in enumerate(schemes)
        if name not in found
    ]
    if problems:
        raise SchemesRefused("; ".join(problem.problem for problem in problems[:5]), fields=problems)
    without = left_out([selection_in(scheme) for scheme in found.values()], optional_nodes(definition))
    return list(dict.fromkeys([*others, *without]))


def selection_in(scheme: Scheme) -> Selection:
    return Selection(frozenset(scheme.keep), frozenset(scheme.leave_out))
