"""Execution schemes as people keep them: seen by who may launch the flow, changed by who edits it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action, Authorizer
from kernel.contracts.projects import ProjectDirectory
from kernel.errors import FieldProblem, NotFound, PermissionDenied
from kernel.ids import new_id
from kernel.principal import Principal
from orchestrator.common_flows.places import FlowPlaces
from orchestrator.flows.models import FlowRow
from orchestrator.flows.resources import flow_resource
from orchestrator.flows.service import require_flow, require_revision
from orchestrator.schemes import repository
from orchestrator.schemes.choosing import selection_in
from orchestrator.schemes.errors import SchemesRefused, SchemeTaken, SchemeUsed
from orchestrator.schemes.models import Scheme
from orchestrator.schemes.selection import Standing, optional_nodes, selection_of, standing

MOST: Final = 100
"""Schemes of one flow."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A scheme beside the flow as it is now: its latest revision, or its draft while there is none."""

    scheme: Scheme
    standing: Standing


@dataclass(frozen=True, slots=True)
class Brought:
    """A scheme from elsewhere.

    Attributes:
        kept: ids of the nodes it runs; those that aren't optional ones of the flow are passed over.
    """

    name: str
    kept: Sequence[str]


class SchemeService:
    def __init__(self, authorizer: Authorizer, projects: ProjectDirectory, clock: Clock) -> None:
        self._authorizer = authorizer
        self._places = FlowPlaces(authorizer, projects)
        self._clock = clock

    async def list_of(
        self, session: AsyncSession, principal: Principal, flow_id: str, project: str | None = None
    ) -> list[Kept]:
        """For whoever may see the flow or launch it.

        Args:
            project: that runs a common flow of another; none for the flow's own.
        """
        try:
            flow = (await self._places.find(session, principal, flow_id, Action.FLOW_LAUNCH, project)).flow
        except PermissionDenied:
            flow = (await self._places.find(session, principal, flow_id, Action.FLOW_VIEW, project)).flow
        optional = await _optional(session, flow)
        found = await repository.schemes_of(session, flow.id)
        return [Kept(scheme, standing(selection_in(scheme), optional)) for scheme in found]

    async def create(
        self, session: AsyncSession, principal: Principal, flow_id: str, name: str, keep: Sequence[str]
    ) -> Kept:
        """Raises:
        SchemesRefused: a node that is not optional, or too many schemes.
        SchemeTaken: the flow has one of that name.
        """
        flow = await self._editable(session, principal, flow_id)
        await _require_room(session, flow.id, 1)
        if await repository.find_named(session, flow.id, name) is not None:
            raise SchemeTaken(f"The flow has a scheme {name!r}; change that, or take another name")
        optional = await _optional(session, flow)
        _require_optional(keep, optional)
        return await self._add(session, principal, flow, Brought(name, keep), optional)

    async def replace(
        self, session: AsyncSession, principal: Principal, scheme_id: str, name: str, keep: Sequence[str]
    ) -> Kept:
        """As `create`; the scheme then knows every optional node there is."""
        scheme, flow = await self._find(session, principal, scheme_id)
        other = await repository.find_named(session, flow.id, name)
        if other is not None and other.id != scheme.id:
            raise SchemeTaken(f"The flow has another scheme {name!r}")
        optional = await _optional(session, flow)
        _require_optional(keep, optional)
        return await self._change(session, principal, scheme, Brought(name, keep), optional)

    async def remove(self, session: AsyncSession, principal: Principal, scheme_id: str) -> None:
        """Raises:
        SchemeUsed: schedules, triggers or mini-apps start tasks by it.
        """
        scheme, _ = await self._find(session, principal, scheme_id)
        users = await repository.users_of(session, scheme)
        if users:
            raise SchemeUsed(f"Tasks are started by it: {', '.join(users)}. Change them first")
        await session.delete(scheme)
        self._record(session, principal, "scheme.deleted", scheme, before=_facts(scheme))

    async def bring(
        self, session: AsyncSession, principal: Principal, flow_id: str, brought: Sequence[Brought]
    ) -> list[Kept]:
        """Takes schemes of Standard OPS or of another flow; one of the same name is replaced."""
        flow = await self._editable(session, principal, flow_id)
        optional = await _optional(session, flow)
        there = {scheme.name: scheme for scheme in await repository.schemes_of(session, flow.id)}
        wanted = {each.name: each for each in brought}
        await _require_room(session, flow.id, len(wanted.keys() - there.keys()))
        return [
            await self._change(session, principal, there[name], each, optional)
            if name in there
            else await self._add(session, principal, flow, each, optional)
            for name, each in wanted.items()
        ]

    async def _add(
        self, session: AsyncSession, principal: Principal, flow: FlowRow, wanted: Brought, optional: Sequence[str]
    ) -> Kept:
        scheme = Scheme(
            id=new_id(),
            project_id=flow.project_id,
            flow_id=flow.id,
            name=wanted.name,
            **_columns(wanted, optional),
            updated_by=principal.id,
            updated_at=self._clock.now(),
        )
        session.add(scheme)
        await session.flush()
        self._record(session, principal, "scheme.created", scheme, after=_facts(scheme))
        return Kept(scheme, standing(selection_in(scheme), optional))

    async def _change(
        self, session: AsyncSession, principal: Principal, scheme: Scheme, wanted: Brought, optional: Sequence[str]
    ) -> Kept:
        before = _facts(scheme)
        changed = {"name": wanted.name, **_columns(wanted, optional)}
        scheme.sqlmodel_update({**changed, "updated_by": principal.id, "updated_at": self._clock.now()})
        await session.flush()
        self._record(session, principal, "scheme.changed", scheme, before=before, after=_facts(scheme))
        return Kept(scheme, standing(selection_in(scheme), optional))

    async def _editable(self, session: AsyncSession, principal: Principal, flow_id: str) -> FlowRow:
        """Held until the transaction ends, so that no two add the last scheme there is room for."""
        flow = await require_flow(session, flow_id, lock=True)
        resource = flow_resource(flow.id, flow.project_id)
        await self._authorizer.require(session, principal, Action.FLOW_EDIT, resource)
        return flow

    async def _find(self, session: AsyncSession, principal: Principal, scheme_id: str) -> tuple[Scheme, FlowRow]:
        found = await repository.find_scheme(session, scheme_id)
        if found is None:
            raise NotFound(f"There is no scheme {scheme_id!r}")
        flow = await self._editable(session, principal, found.flow_id)
        held = await repository.find_scheme(session, scheme_id, lock=True)
        if held is None:
            raise NotFound(f"There is no scheme {scheme_id!r}")
        return held, flow

    @staticmethod
    def _record(
        session: AsyncSession,
        principal: Principal,
        action: str,
        scheme: Scheme,
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        record(
            session, principal, action, "scheme", scheme.id,
            before=before, after=after, project_id=scheme.project_id,
        )  # fmt: skip


async def _optional(session: AsyncSession, flow: FlowRow) -> list[str]:
    if flow.latest_revision is None:
        return optional_nodes(flow.draft)
    return optional_nodes((await require_revision(session, flow, None)).definition)


async def _require_room(session: AsyncSession, flow_id: str, more: int) -> None:
    if await repository.count_of(session, flow_id) + more > MOST:
        raise SchemesRefused(f"A flow has at most {MOST} schemes; delete one first")


def _require_optional(keep: Sequence[str], optional: Sequence[str]) -> None:
    problems = [
        FieldProblem(f"/keep/{index}", f"{name!r} is no optional node of the flow", "Name optional nodes only")
        for index, name in enumerate(keep)
        if name not in optional
    ]
    if problems:
        raise SchemesRefused("; ".join(problem.problem for problem in problems[:5]), fields=problems)


def _columns(wanted: Brought, optional: Sequence[str]) -> dict[str, list[str]]:
    selection = selection_of(wanted.kept, optional)
    return {"keep": sorted(selection.keep), "leave_out": sorted(selection.leave_out)}


def _facts(scheme: Scheme) -> dict[str, Any]:
    return {"flow": scheme.flow_id, "name": scheme.name, "keep": scheme.keep, "leave_out": scheme.leave_out}
