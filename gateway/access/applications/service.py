from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.applications.application import Application
from gateway.access.applications.repository import ApplicationFilter, application_ids, events_of, grants_of
from gateway.access.grants.catalogue import ComponentCatalogue
from gateway.access.grants.duration import AS_APPLIED, Duration
from gateway.access.grants.filing import Filing
from gateway.access.grants.models import Grant
from gateway.access.grants.repository import Visible, grants_of_application
from gateway.access.grants.rights import GrantRights
from gateway.access.grants.states import WAITING, GrantState, GrantStep, application_state, require_reason
from gateway.access.grants.steps import GrantSteps
from gateway.snapshot.publisher import SnapshotPublisher
from kernel.db.pages import PageRequest
from kernel.errors import Conflict, FieldProblem, Invalid, NotFound
from kernel.principal import Principal

_CHANGED_BY: Final = MappingProxyType({GrantStep.ASK: {GrantState.APPLIED}, GrantStep.ANSWER: {GrantState.ASKED}})
_NOT_TAKEN: Final = "not part of what was approved"


class Side(StrEnum):
    """From which side somebody looks at applications."""

    APPLICANT = "applicant"
    DECIDER = "decider"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is decided about an application.

    Attributes:
        step: approve, refuse or ask.
        components: approved of it, the others being refused; `None` is all that was asked for.
    """

    step: GrantStep
    comment: str = ""
    components: Sequence[str] | None = None
    until: Duration = AS_APPLIED


class ApplicationService:
    """Applications as a whole: the owner decides, asks back; the applicant answers, withdraws."""

    def __init__(
        self, rights: GrantRights, steps: GrantSteps, components: ComponentCatalogue, publisher: SnapshotPublisher
    ) -> None:
        self._rights = rights
        self._steps = steps
        self._components = components
        self._publisher = publisher

    async def get(self, session: AsyncSession, principal: Principal, application_id: str) -> Application:
        """Visible to those who manage the app and to those who decide on the system. Raises NotFound."""
        grants = await self._grants(session, application_id)
        await self._rights.require_either(session, principal, grants[0])
        return (await self._read(session, [application_id]))[0]

    async def browse(
        self,
        session: AsyncSession,
        principal: Principal,
        side: Side | None,
        wanted: ApplicationFilter,
        page: PageRequest,
    ) -> tuple[list[Application], str | None]:
        """Newest first, and the cursor of the next page."""
        visible = await self._visible(session, principal, side)
        ids, following = await application_ids(session, wanted, visible, page)
        return await self._read(session, ids), following

    async def decide(
        self, session: AsyncSession, principal: Principal, application_id: str, verdict: Verdict
    ) -> tuple[Application, int]:
        """Decides on all of it that waits; answers it and the revision at which that is live.

        Raises:
            NotFound: no such application.
            PermissionDenied: the caller doesn't decide, or would approve what he applied for.
            Conflict: it is decided or withdrawn already.
            Invalid: a component that wasn't asked for, or a reason that is missing.
        """
        await self._publisher.lock(session)
        waiting = await self._waiting(session, application_id, verdict.step)
        await self._rights.require_decider(session, principal, waiting[0].system)
        if verdict.step is GrantStep.APPROVE:
            await self._rights.require_other_person(session, principal, waiting)
            await self._approve(session, principal, waiting, verdict)
            revision = await self._steps.publish(session, waiting[0].app_code)
        else:
            require_reason(verdict.comment)
            await self._steps.take(session, principal, waiting, verdict.step, verdict.comment)
            revision = await self._steps.revision(session, waiting[0].app_code)
        return (await self._read(session, [application_id]))[0], revision

    async def answer(self, session: AsyncSession, principal: Principal, application_id: str, text: str) -> Application:
        """The applicant's answer to what was asked back. Raises Conflict when nothing was."""
        await self._publisher.lock(session)
        asked = await self._waiting(session, application_id, GrantStep.ANSWER)
        await self._rights.require_applicant(session, principal, asked[0].app_code)
        await self._steps.take(session, principal, asked, GrantStep.ANSWER, text)
        return (await self._read(session, [application_id]))[0]

    async def withdraw(
        self, session: AsyncSession, principal: Principal, application_id: str, text: str
    ) -> Application:
        """Takes back what nobody decided yet. Raises Conflict when there is nothing."""
        await self._publisher.lock(session)
        waiting = await self._waiting(session, application_id, GrantStep.WITHDRAW)
        await self._rights.require_applicant(session, principal, waiting[0].app_code)
        await self._steps.take(session, principal, waiting, GrantStep.WITHDRAW, text)
        return (await self._read(session, [application_id]))[0]

    async def _approve(
        self, session: AsyncSession, principal: Principal, waiting: Sequence[Grant], verdict: Verdict
    ) -> None:
        approved, refused = list(waiting), list[Grant]()
        if verdict.components is not None:
            approved = await self._named(session, principal, waiting, dict.fromkeys(verdict.components))
            refused = [grant for grant in waiting if grant not in approved]
        await self._steps.take(session, principal, approved, GrantStep.APPROVE, verdict.comment, verdict.until)
        if refused:
            await self._steps.take(session, principal, refused, GrantStep.REFUSE, verdict.comment or _NOT_TAKEN)

    async def _named(
        self,
        session: AsyncSession,
        principal: Principal,
        waiting: Sequence[Grant],
        names: Sequence[str] | dict[str, None],
    ) -> list[Grant]:
        """The grants of these components; of a system that was asked for as a whole, they are made now."""
        found = [grant for grant in waiting if grant.component in names]
        missing = [name for name in names if all(grant.component != name for grant in found)]
        whole = next((grant for grant in waiting if grant.component is None), None)
        known = await self._components.component_names(session, waiting[0].system) if whole is not None else None
        if unknown := [name for name in missing if name not in (known or ())]:
            problem = f"{', '.join(unknown[:5])} was not asked for"
            raise Invalid(problem, fields=[FieldProblem("components", problem, "Name some of the application's")])
        if not names:
            raise Invalid.field("components", "names nothing", "Refuse the application instead")
        if whole is not None and missing:
            made = [Filing.of(whole).grant(name) for name in missing]
            await self._steps.add(session, principal, made)
            found += made
        return found

    async def _waiting(self, session: AsyncSession, application_id: str, step: GrantStep) -> list[Grant]:
        grants = await self._grants(session, application_id)
        waiting = [grant for grant in grants if self._steps.state_of(grant) in _CHANGED_BY.get(step, WAITING)]
        if not waiting:
            state = application_state(map(self._steps.state_of, grants))
            decided = next((grant.decided_by for grant in grants if grant.decided_by is not None), None)
            by = f", decided by {decided}" if decided is not None else ""
            raise Conflict(f"The application is {state}{by}; it can't be changed by {step}", code="grant_state")
        return waiting

    async def _grants(self, session: AsyncSession, application_id: str) -> list[Grant]:
        grants = await grants_of_application(session, application_id)
        if not grants:
            raise NotFound(f"There is no application {application_id}")
        return grants

    async def _read(self, session: AsyncSession, ids: Sequence[str]) -> list[Application]:
        grants: defaultdict[str, list[Grant]] = defaultdict(list)
        for grant in await grants_of(session, ids):
            grants[grant.application_id].append(grant)
        history = await events_of(session, ids)
        return [
            Application(
                each,
                application_state(map(self._steps.state_of, grants[each])),
                grants[each],
                [event for event in history if event.application_id == each],
            )
            for each in ids
        ]

    async def _visible(self, session: AsyncSession, principal: Principal, side: Side | None) -> Visible:
        if side is Side.APPLICANT:
            return await self._rights.visible_to_applicant(session, principal)
        if side is Side.DECIDER:
            return await self._rights.visible_to_decider(session, principal)
        return await self._rights.visible(session, principal)
