"""Inputs kept under a name, and those a person launched a flow with last: what he may launch, he may keep inputs of."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action, Authorizer
from kernel.errors import PermissionDenied
from kernel.forms.model import Form
from kernel.principal import Principal
from orchestrator.flows.resources import flow_resource
from orchestrator.flows.service import require_flow
from orchestrator.launch.forms import check_each, still_fitting
from orchestrator.launch.service import LaunchForm, LaunchService
from orchestrator.saved_inputs import repository
from orchestrator.saved_inputs.errors import NameTaken, TooManySavedInputs
from orchestrator.saved_inputs.models import SavedInputs
from orchestrator.tasks.service import current_inputs

MOST: Final = 100
"""For one person and flow."""
_MOST_SHOWN: Final = 500


@dataclass(frozen=True, slots=True)
class Offered:
    """Saved inputs as the flow's form takes them now.

    Attributes:
        dropped: names of those it does not take any more.
    """

    saved: SavedInputs
    inputs: dict[str, Any]
    dropped: list[str]


@dataclass(frozen=True, slots=True)
class LastInputs:
    task_id: str
    at: datetime
    inputs: dict[str, Any]
    dropped: list[str]


@dataclass(frozen=True, slots=True)
class Wanted:
    name: str
    inputs: Mapping[str, Any]
    shared: bool


class SavedInputsService:
    """Sharing them needs a role on the flow beyond launching: who sees it."""

    def __init__(self, authorizer: Authorizer, launches: LaunchService, clock: Clock) -> None:
        self._authorizer = authorizer
        self._launches = launches
        self._clock = clock

    async def offered(self, session: AsyncSession, principal: Principal, flow_id: str) -> list[Offered]:
        """The caller's own and those that are shared, by name."""
        launch = await self._launches.form(session, principal, flow_id)
        found = await repository.seen_by(session, flow_id, principal.id, _MOST_SHOWN)
        return [_offered(launch.form, saved) for saved in found]

    async def last(self, session: AsyncSession, principal: Principal, flow_id: str) -> LastInputs | None:
        """Of the caller's newest task of the flow."""
        launch = await self._launches.form(session, principal, flow_id)
        task = await repository.last_task(session, flow_id, principal.id)
        if task is None:
            return None
        return LastInputs(task.id, task.created_at, *still_fitting(launch.form, current_inputs(task)))

    async def keep(self, session: AsyncSession, principal: Principal, flow_id: str, wanted: Wanted) -> Offered:
        """Raises:
        InputsRefused: naming each field that does not fit, or takes a secret.
        NameTaken, TooManySavedInputs, PermissionDenied.
        """
        launch = await self._fitting(session, principal, flow_id, wanted)
        if await repository.count_of(session, flow_id, principal.id) >= MOST:
            raise TooManySavedInputs(f"You keep {MOST} inputs of this flow; delete some that you don't need")
        now = self._clock.now()
        saved = SavedInputs(
            project_id=launch.flow.project_id,
            flow_id=flow_id,
            owner=principal.id,
            name=wanted.name,
            shared=wanted.shared,
            inputs=dict(wanted.inputs),
            created_at=now,
            updated_at=now,
        )
        async with _named(session, wanted.name):
            session.add(saved)
        self._record(session, principal, "inputs.saved", saved, after=_facts(saved))
        return _offered(launch.form, saved)

    async def replace(self, session: AsyncSession, principal: Principal, saved_id: str, wanted: Wanted) -> Offered:
        """As `keep`; only their owner may."""
        saved = await repository.require_saved(session, saved_id)
        if saved.owner != principal.id:
            raise PermissionDenied(f"These inputs are {saved.owner}'s; keep them under a name of your own")
        launch = await self._fitting(session, principal, saved.flow_id, wanted)
        before = _facts(saved)
        async with _named(session, wanted.name):
            saved.name, saved.shared, saved.inputs = wanted.name, wanted.shared, dict(wanted.inputs)
            saved.updated_at = self._clock.now()
        self._record(session, principal, "inputs.changed", saved, before=before, after=_facts(saved))
        return _offered(launch.form, saved)

    async def remove(self, session: AsyncSession, principal: Principal, saved_id: str) -> None:
        """Their owner may, and who edits the flow."""
        saved = await repository.require_saved(session, saved_id)
        resource = flow_resource(saved.flow_id, saved.project_id)
        owns = saved.owner == principal.id
        await self._authorizer.require(session, principal, Action.FLOW_LAUNCH if owns else Action.FLOW_EDIT, resource)
        await session.delete(saved)
        self._record(session, principal, "inputs.deleted", saved, before=_facts(saved))

    async def _fitting(self, session: AsyncSession, principal: Principal, flow_id: str, wanted: Wanted) -> LaunchForm:
        launch = await self._launches.form(session, principal, flow_id)
        if wanted.shared:
            flow = await require_flow(session, flow_id)
            resource = flow_resource(flow.id, flow.project_id)
            await self._authorizer.require(session, principal, Action.FLOW_VIEW, resource)
        check_each(launch.form, wanted.inputs)
        return launch

    @staticmethod
    def _record(
        session: AsyncSession,
        principal: Principal,
        action: str,
        saved: SavedInputs,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        record(
            session, principal, action, "saved_inputs", saved.id,
            before=before, after=after, project_id=saved.project_id,
        )  # fmt: skip


@asynccontextmanager
async def _named(session: AsyncSession, name: str) -> AsyncIterator[None]:
    """Of two who take the same name at once, one is told."""
    try:
        async with session.begin_nested():
            yield
    except IntegrityError:
        raise NameTaken(f"You keep inputs of this flow under the name {name!r} already") from None


def _offered(form: Form, saved: SavedInputs) -> Offered:
    return Offered(saved, *still_fitting(form, saved.inputs))


def _facts(saved: SavedInputs) -> dict[str, Any]:
    """For the audit log: of inputs the names alone."""
    return {"flow": saved.flow_id, "name": saved.name, "shared": saved.shared, "inputs": sorted(saved.inputs)}
