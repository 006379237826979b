from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.apps.models import App
from gateway.access.apps.repository import find_app
from gateway.access.grant_rules.repository import rules_of
from gateway.access.grants.catalogue import ComponentCatalogue
from gateway.access.grants.duration import AS_APPLIED, Duration
from gateway.access.grants.filing import Filing
from gateway.access.grants.models import Grant
from gateway.access.grants.repository import (
    GrantFilter,
    due_grants,
    find_grant,
    grants_for,
    grants_page,
    grants_to_remind_of,
)
from gateway.access.grants.rights import GrantRights
from gateway.access.grants.states import OPEN, RENEWABLE, WAITING, GrantState, GrantStep, require_reason
from gateway.access.grants.steps import GrantSteps
from gateway.snapshot.publisher import SnapshotPublisher
from kernel.clock import Clock
from kernel.db.pages import PageOf, PageRequest
from kernel.errors import Conflict, FieldProblem, Invalid, NotFound, PermissionDenied
from kernel.principal import Principal, system_principal

DEFAULT_DAYS = 180
_AT_ONCE = 200
_OVER = frozenset({GrantState.REFUSED, GrantState.WITHDRAWN, GrantState.REVOKED})
_TIME = system_principal("grant expiry")


@dataclass(frozen=True, slots=True)
class Renewal:
    """Attributes:
    grant_ids: of one app, on one system.
    """

    grant_ids: Sequence[str]
    reason: str
    days: int | None


class GrantService:
    """Apply, decide on single grants, renew, expire: each step in the audit log, each effect in the snapshot."""

    def __init__(
        self,
        rights: GrantRights,
        steps: GrantSteps,
        components: ComponentCatalogue,
        publisher: SnapshotPublisher,
        clock: Clock,
    ) -> None:
        self._rights = rights
        self._steps = steps
        self._components = components
        self._publisher = publisher
        self._clock = clock

    async def apply(
        self,
        session: AsyncSession,
        principal: Principal,
        *,
        app_code: str,
        system: str,
        components: Iterable[str] | None,
        reason: str,
        days: int | None = DEFAULT_DAYS,
    ) -> list[Grant]:
        """Files one application for all these components, or one for the whole system (`None`).

        Returns:
            The grants that now stand for them; what is pending or granted already isn't filed twice.

        Raises:
            NotFound: no such app.
            Invalid: no such system or component, or a term the system doesn't offer.
            PermissionDenied: nobody may apply for a component but who decides on the system's grants.
        """
        app = await find_app(session, app_code, for_update=True)
        if app is None:
            raise NotFound(f"There is no app {app_code}")
        await self._rights.require_applicant(session, principal, app_code)
        wanted: list[str | None] = list(dict.fromkeys(components)) if components is not None else [None]
        await self._check_exist(session, system, wanted)
        (await rules_of(session, system)).check_term(days, system)
        await self.check_may_apply(session, principal, system, wanted)
        return await self.file(session, principal, app, system, wanted, reason, days)

    async def file(
        self,
        session: AsyncSession,
        principal: Principal,
        app: App,
        system: str,
        components: Iterable[str | None],
        reason: str,
        days: int | None,
    ) -> list[Grant]:
        """As `apply`, when the caller has checked the right to and that the components exist."""
        standing = [grant for grant in await grants_for(session, app.app_code, system) if self.state_of(grant) in OPEN]
        filing = Filing(app.app_code, system, reason, days, principal.id, self._clock.now())
        found: list[Grant] = []
        filed: list[Grant] = []
        for component in components:
            grant = next((known for known in standing if self._stands_for(known, component)), None)
            if grant is None:
                grant = filing.grant(component)
                filed.append(grant)
            found.append(grant)
        if filed:
            await self._steps.file(session, principal, filed)
        return found

    async def renew(self, session: AsyncSession, principal: Principal, renewal: Renewal) -> list[Grant]:
        """Files an application to go on with grants that hold or have ended; what they are now stays on record.

        Returns:
            The renewals that now wait; one that waited already isn't filed twice.

        Raises:
            NotFound: no such grant.
            PermissionDenied: the caller doesn't manage the app.
            Invalid: the grants are not of one app and system, or a term the system doesn't offer.
            Conflict: one neither holds nor has expired, or has no end.
        """
        await self._publisher.lock(session)
        grants = [await self._existing(session, grant_id) for grant_id in dict.fromkeys(renewal.grant_ids)]
        app_code, system = grants[0].app_code, grants[0].system
        if any((grant.app_code, grant.system) != (app_code, system) for grant in grants):
            raise Invalid.field("grant_ids", "are not of one app and one system", "Renew those of each by themselves")
        await self._rights.require_applicant(session, principal, app_code)
        (await rules_of(session, system)).check_term(renewal.days, system)
        known = await grants_for(session, app_code, system)
        filing = Filing(app_code, system, renewal.reason, renewal.days, principal.id, self._clock.now())
        found = [self._renewal_of(grant, known) or filing.grant(grant.component, grant.id) for grant in grants]
        filed = [grant for grant in found if grant.application_id == filing.application_id]
        if filed:
            await self._steps.file(session, principal, filed)
        return found

    async def approve(
        self,
        session: AsyncSession,
        principal: Principal,
        grant_id: str,
        *,
        until: Duration = AS_APPLIED,
        comment: str = "",
    ) -> tuple[Grant, int]:
        """Gives the permission for as long as `until` says.

        Returns:
            The grant, and the revision at which it holds.

        Raises:
            Conflict: it is not waiting for a decision.
            Invalid: the exact end lies in the past.
            PermissionDenied: the caller doesn't decide, or applied for it himself.
        """
        grant = await self._to_decide(session, principal, grant_id)
        await self._rights.require_other_person(session, principal, [grant])
        return await self._take(session, principal, grant, GrantStep.APPROVE, comment, until)

    async def give(
        self, session: AsyncSession, principal: Principal, grant_id: str, until: Duration
    ) -> tuple[Grant, int]:
        """As `approve`, by somebody who decides and filed it only to give it unasked."""
        grant = await self._to_decide(session, principal, grant_id)
        return await self._take(session, principal, grant, GrantStep.APPROVE, "", until)

    async def refuse(
        self, session: AsyncSession, principal: Principal, grant_id: str, *, comment: str
    ) -> tuple[Grant, int]:
        """Of what was asked for together, this alone. Raises Invalid without a reason."""
        grant = await self._to_decide(session, principal, grant_id)
        require_reason(comment)
        return await self._take(session, principal, grant, GrantStep.REFUSE, comment)

    async def revoke(
        self, session: AsyncSession, principal: Principal, grant_id: str, *, comment: str
    ) -> tuple[Grant, int]:
        """Takes the permission away at once. Raises Invalid without a reason."""
        grant = await self._to_decide(session, principal, grant_id)
        require_reason(comment)
        return await self._take(session, principal, grant, GrantStep.REVOKE, comment)

    async def get(self, session: AsyncSession, principal: Principal, grant_id: str) -> Grant:
        """Visible to those who manage the app and to those who decide on the system."""
        grant = await self._existing(session, grant_id)
        await self._rights.require_either(session, principal, grant)
        return grant

    async def browse(
        self, session: AsyncSession, principal: Principal, wanted: GrantFilter, page: PageRequest
    ) -> PageOf[Grant]:
        """Those of apps the caller manages and of systems he decides on."""
        visible = await self._rights.visible(session, principal)
        return await grants_page(session, wanted, visible, self._clock.now(), page)

    async def any_due(self, session: AsyncSession) -> bool:
        """Whether `expire_due` has anything to do: asked often, and without a write."""
        now = self._clock.now()
        return bool(await due_grants(session, now, 1) or await grants_to_remind_of(session, now, 1))

    async def expire_due(self, session: AsyncSession) -> int:
        """Writes down what time has done, and reminds of what it will do. Answers how many grants ended."""
        await self._publisher.lock(session)
        now = self._clock.now()
        due = await due_grants(session, now, _AT_ONCE)
        await self._steps.expire(session, _TIME, due)
        await self._steps.remind(session, _TIME, await grants_to_remind_of(session, now, _AT_ONCE))
        return len(due)

    async def check_may_apply(
        self, session: AsyncSession, principal: Principal, system: str, components: Iterable[str | None]
    ) -> None:
        """Raises PermissionDenied for a component nobody may apply for but who decides on the system's grants."""
        unasked = sorted(await self._components.unasked_components(session, system) & {*components})
        if unasked and not await self._rights.decides(session, principal, system):
            raise PermissionDenied(f"{system}.{unasked[0]} can't be applied for; ask the owner of {system} to give it")

    def state_of(self, grant: Grant) -> GrantState:
        """The state of now."""
        return self._steps.state_of(grant)

    async def _to_decide(self, session: AsyncSession, principal: Principal, grant_id: str) -> Grant:
        await self._publisher.lock(session)
        grant = await self._existing(session, grant_id)
        await self._rights.require_decider(session, principal, grant.system)
        return grant

    async def _take(
        self,
        session: AsyncSession,
        principal: Principal,
        grant: Grant,
        step: GrantStep,
        comment: str,
        until: Duration = AS_APPLIED,
    ) -> tuple[Grant, int]:
        await self._steps.take(session, principal, [grant], step, comment, until)
        return grant, await self._steps.publish(session, grant.app_code)

    def _stands_for(self, grant: Grant, component: str | None) -> bool:
        """One for the whole system does once it was given; while it waits, it may yet be refused for being so wide."""
        if grant.component == component:
            return True
        return grant.component is None and self.state_of(grant) is GrantState.APPROVED

    def _renewal_of(self, grant: Grant, known: Iterable[Grant]) -> Grant | None:
        """The one that waits already; raises Conflict when there is nothing to renew."""
        state = self.state_of(grant)
        if state not in RENEWABLE:
            raise Conflict(f"A grant that is {state} can't be renewed; apply for a new one", code="grant_state")
        if grant.expires_at is None:
            raise Conflict(f"The grant {grant.id} has no end; there is nothing to renew", code="grant_state")
        renewals = [each for each in known if each.renews == grant.id and self.state_of(each) not in _OVER]
        if not renewals:
            return None
        if self.state_of(renewals[0]) not in WAITING:
            raise Conflict(f"{grant.id} was renewed by {renewals[0].id}; renew that one", code="grant_state")
        return renewals[0]

    async def _existing(self, session: AsyncSession, grant_id: str) -> Grant:
        grant = await find_grant(session, grant_id)
        if grant is None:
            raise NotFound(f"There is no grant {grant_id}")
        return grant

    async def _check_exist(self, session: AsyncSession, system: str, components: Iterable[str | None]) -> None:
        known = await self._components.component_names(session, system)
        if known is None:
            raise Invalid.field("system", f"there is no system {system}", "See GET /v1/systems")
        problems = [
            FieldProblem("components", f"{system} has no component {name}", f"See GET /v1/systems/{system}/components")
            for name in components
            if name is not None and name not in known
        ]
        if problems:
            raise Invalid("; ".join(problem.problem for problem in problems[:5]), fields=problems)
