"""A task keeps the variables of its project as they are when it is launched."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.errors import FieldProblem
from orchestrator.flow.project_variables import named_variables, place_of
from orchestrator.project_variables.errors import VariablesGone
from orchestrator.project_variables.repository import values_of


async def project_variables(
    session: AsyncSession, project_id: str, definition: Mapping[str, Any], kept: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], list[FieldProblem]]:
    """The values of those that a definition, or a flow inside it, names; and a problem for each that there is none of.

    Args:
        project_id: the project that the task runs in, whosever the flow is.
        kept: values that an earlier task had, which its continuation keeps.
    """
    names = named_variables(definition)
    if not names:
        return {}, []
    values = {**await values_of(session, project_id, names), **(kept or {})}
    missing = sorted(names - values.keys())
    remedy = "Add it to the project's variables"
    problems = [FieldProblem(place_of(name), "the project has no such variable", remedy) for name in missing]
    return {name: values[name] for name in sorted(names & values.keys())}, problems


async def with_project_variables(
    session: AsyncSession, project_id: str, definition: dict[str, Any], kept: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The definition as a task keeps it; see `project_variables`.

    Raises:
        VariablesGone: the project has not all of them.
    """
    values, missing = await project_variables(session, project_id, definition, kept)
    if missing:
        named = ", ".join(problem.field for problem in missing)
        raise VariablesGone(f"The project lacks variables that the flow names: {named}", fields=missing)
    return {**definition, "project_variables": values} if values else definition
