"""Named values of a project, which all of its flows may use."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action, Authorizer
from kernel.contracts.projects import ProjectDirectory, ProjectSummary
from kernel.errors import FieldProblem, Invalid, NotFound
from kernel.ids import new_id
from kernel.principal import Principal
from orchestrator.flows.resources import project_resource
from orchestrator.project_variables import repository
from orchestrator.project_variables.errors import StaleVariable, VariableInUse, VariableTaken
from orchestrator.project_variables.models import ProjectVariable
from orchestrator.project_variables.where_used import FlowUse, flow_uses

MOST: Final = 200
"""Variables of a project."""
MAX_BYTES: Final = 65_536
"""Of one value, as JSON."""
_AUDITED_BYTES: Final = 1_000
_TOLD: Final = 5
"""Flows that a refusal names."""
_KINDS: Final = {bool: "boolean", int: "number", float: "number", str: "text", list: "list", dict: "object"}


@dataclass(frozen=True, slots=True)
class Wanted:
    name: str
    title: str
    description: str
    value: Any


class ProjectVariableService:
    """Who manages the project keeps its variables; who sees it sees them. None is a secret."""

    def __init__(self, authorizer: Authorizer, projects: ProjectDirectory, clock: Clock) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._clock = clock

    async def list_in(self, session: AsyncSession, principal: Principal, project: str) -> Sequence[ProjectVariable]:
        """By name."""
        found = await self._allowed(session, principal, project, Action.PROJECT_VIEW)
        return await repository.variables_of(session, found.id)

    async def get(self, session: AsyncSession, principal: Principal, project: str, name: str) -> ProjectVariable:
        found = await self._allowed(session, principal, project, Action.PROJECT_VIEW)
        return await _require(session, found, name)

    async def uses(self, session: AsyncSession, principal: Principal, project: str, name: str) -> list[FlowUse]:
        """Flows that name it, for who sees the project's flows."""
        found = await self._allowed(session, principal, project, Action.FLOW_VIEW)
        await _require(session, found, name)
        return await flow_uses(session, found.id, name)

    async def create(
        self, session: AsyncSession, principal: Principal, project: str, wanted: Wanted
    ) -> ProjectVariable:
        """Raises:
        VariableTaken: the project has one of that name.
        Invalid: the value is too large, or there are too many.
        """
        found = await self._allowed(session, principal, project, Action.PROJECT_MANAGE)
        _check_size(wanted.value)
        if await repository.count_in(session, found.id) >= MOST:
            raise Invalid.field("name", f"would be one variable more than {MOST}", "Remove one that no flow uses")
        variable = ProjectVariable(
            id=new_id(),
            project_id=found.id,
            name=wanted.name,
            title=wanted.title,
            description=wanted.description,
            value=wanted.value,
            updated_by=principal.id,
            updated_at=self._clock.now(),
        )
        try:
            async with session.begin_nested():
                session.add(variable)
        except IntegrityError:
            raise _taken(found, wanted.name) from None
        record(
            session, principal, "project_variable.created", "project_variable", variable.id,
            after=_facts(variable), project_id=found.id,
        )  # fmt: skip
        return variable

    async def change(
        self,
        session: AsyncSession,
        principal: Principal,
        project: str,
        name: str,
        wanted: Wanted,
        version: int,
        *,
        force: bool = False,
    ) -> ProjectVariable:
        """Of tasks launched from now on.

        Args:
            version: the one it was made from.
            force: renames it though flows name it by the present name.

        Raises:
            StaleVariable: somebody else changed it since; nothing is overwritten.
            VariableInUse: it would be renamed, and flows name it.
            VariableTaken, Invalid: as `create`.
        """
        found = await self._allowed(session, principal, project, Action.PROJECT_MANAGE)
        variable = await _require(session, found, name)
        _check_size(wanted.value)
        before = _facts(variable)
        if wanted.name != name and not force:
            await _require_unused(session, found, name)
        values = {
            "name": wanted.name,
            "title": wanted.title,
            "description": wanted.description,
            "value": wanted.value,
            "updated_by": principal.id,
            "updated_at": self._clock.now(),
        }
        try:
            async with session.begin_nested():
                changed = await repository.change_variable(session, variable.id, version, values)
        except IntegrityError:
            raise _taken(found, wanted.name) from None
        if not changed:
            raise await _stale(session, variable, version)
        await session.refresh(variable)
        record(
            session, principal, "project_variable.changed", "project_variable", variable.id,
            before=before, after=_facts(variable), project_id=found.id,
        )  # fmt: skip
        return variable

    async def remove(
        self,
        session: AsyncSession,
        principal: Principal,
        project: str,
        name: str,
        version: int | None,
        *,
        force: bool = False,
    ) -> None:
        """Tasks that were launched with it keep its value.

        Args:
            version: the one that was read; none for whichever it is.
            force: removes it though flows name it.

        Raises:
            StaleVariable, VariableInUse: as `change`.
        """
        found = await self._allowed(session, principal, project, Action.PROJECT_MANAGE)
        variable = await _require(session, found, name)
        if not force:
            await _require_unused(session, found, name)
        seen = variable.version if version is None else version
        if not await repository.remove_variable(session, variable.id, seen):
            raise await _stale(session, variable, seen)
        record(
            session, principal, "project_variable.removed", "project_variable", variable.id,
            before=_facts(variable), project_id=found.id,
        )  # fmt: skip

    async def _allowed(
        self, session: AsyncSession, principal: Principal, project: str, action: Action
    ) -> ProjectSummary:
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, action, project_resource(found.id))
        return found


def kind_of(value: Any) -> str:
    return _KINDS[type(value)]


async def _require(session: AsyncSession, project: ProjectSummary, name: str) -> ProjectVariable:
    variable = await repository.find_variable(session, project.id, name)
    if variable is None:
        raise NotFound(f"Project {project.code} has no variable {name!r}")
    return variable


async def _require_unused(session: AsyncSession, project: ProjectSummary, name: str) -> None:
    uses = await flow_uses(session, project.id, name)
    if uses:
        remedy = "Change it first, or send force: it can't be launched then"
        fields = [FieldProblem(f"/flows/{use.flow_id}", f"{use.label} names it", remedy) for use in uses]
        told = "; ".join(field.problem for field in fields[:_TOLD]) + ("; and others" if len(uses) > _TOLD else "")
        raise VariableInUse(f"{name} is in use: {told}", fields=fields)


async def _stale(session: AsyncSession, variable: ProjectVariable, seen: int) -> StaleVariable:
    await session.refresh(variable)
    return StaleVariable(
        f"{variable.name} is at version {variable.version}, changed by {variable.updated_by}; yours was made from "
        f"{seen}. Read it again and repeat your change"
    )


def _taken(project: ProjectSummary, name: str) -> VariableTaken:
    return VariableTaken(f"Project {project.code} has a variable {name} already")


def _check_size(value: Any) -> None:
    size = len(json.dumps(value, ensure_ascii=False).encode())
    if size > MAX_BYTES:
        raise Invalid.field("value", f"is {size} bytes long as JSON, {MAX_BYTES} at most", "Keep less in it")


def _facts(variable: ProjectVariable) -> dict[str, Any]:
    """For the audit log: of a long value its digest."""
    text = json.dumps(variable.value, sort_keys=True)
    value = variable.value
    if len(text) > _AUDITED_BYTES:
        value = f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    return {
        "name": variable.name,
        "title": variable.title,
        "description": variable.description,
        "value": value,
        "version": variable.version,
    }
