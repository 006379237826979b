from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.apps.models import App
from gateway.access.apps.repository import app_codes_of_projects, find_app
from gateway.access.apps.service import resource_of
from gateway.access.grants.catalogue import ComponentCatalogue
from gateway.access.grants.duration import AS_APPLIED, Duration
from gateway.access.grants.models import Grant
from gateway.access.grants.repository import (
    GrantFilter,
    Visible,
    due_grants,
    find_grant,
    grants_for,
    grants_page,
)
from gateway.access.grants.states import OPEN, GrantState, GrantStep, after, state_at
from gateway.access.shards import app_document
from gateway.snapshot.publisher import SnapshotPublisher
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action, Authorizer, Resource, ResourceKind
from kernel.db.pages import PageOf, PageRequest
from kernel.errors import FieldProblem, Invalid, NotFound, PermissionDenied
from kernel.principal import Principal, system_principal

DEFAULT_DAYS = 180
_EXPIRED_AT_ONCE = 200


class GrantService:
    """Apply, approve, refuse, revoke, expire: each step in the audit log, each effect in the snapshot."""

    def __init__(
        self, authorizer: Authorizer, components: ComponentCatalogue, publisher: SnapshotPublisher, clock: Clock
    ) -> None:
        self._authorizer = authorizer
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
        """Files one application per component, or one for the whole system (`None`).

        Returns:
            The grants that now stand for them; what is pending or granted already isn't filed twice.

        Raises:
            NotFound: no such app.
            Invalid: no such system or component.
            PermissionDenied: nobody may apply for a component but who decides on the system's grants.
        """
        app = await find_app(session, app_code, for_update=True)
        if app is None:
            raise NotFound(f"There is no app {app_code}")
        await self._authorizer.require(session, principal, Action.APP_MANAGE, resource_of(app))
        wanted: list[str | None] = list(dict.fromkeys(components)) if components is not None else [None]
        await self._check_exist(session, system, wanted)
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
        now = self._clock.now()
        standing = [
            grant
            for grant in await grants_for(session, app.app_code, system)
            if state_at(GrantState(grant.state), grant.expires_at, now) in OPEN
        ]
        found: list[Grant] = []
        for component in components:
            grant = next((known for known in standing if _stands_for(known, component)), None)
            if grant is None:
                grant = Grant(
                    app_code=app.app_code,
                    system=system,
                    component=component,
                    state=GrantState.APPLIED.value,
                    reason=reason,
                    days=days,
                    applied_by=principal.id,
                    applied_at=now,
                )
                session.add(grant)
                await session.flush()
                record(
                    session,
                    principal,
                    "grant.applied",
                    "grant",
                    grant.id,
                    after={"app_code": app.app_code, "system": system, "component": component, "days": days},
                    project_id=app.project_id,
                )
            found.append(grant)
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
        """
        grant = await self._decide(session, principal, grant_id, GrantStep.APPROVE, comment, until)
        return grant, await self._publish(session, grant.app_code)

    async def refuse(
        self, session: AsyncSession, principal: Principal, grant_id: str, *, comment: str = ""
    ) -> tuple[Grant, int]:
        grant = await self._decide(session, principal, grant_id, GrantStep.REFUSE, comment)
        return grant, await self._publish(session, grant.app_code)

    async def revoke(
        self, session: AsyncSession, principal: Principal, grant_id: str, *, comment: str = ""
    ) -> tuple[Grant, int]:
        """Takes the permission away at once."""
        grant = await self._decide(session, principal, grant_id, GrantStep.REVOKE, comment)
        return grant, await self._publish(session, grant.app_code)

    async def get(self, session: AsyncSession, principal: Principal, grant_id: str) -> Grant:
        """Visible to those who manage the app and to those who decide on the system."""
        grant = await self._existing(session, grant_id)
        system = Resource(ResourceKind.SYSTEM, grant.system)
        if not await self._authorizer.allows(session, principal, Action.GRANT_DECIDE, system):
            app = await find_app(session, grant.app_code)
            place = resource_of(app) if app is not None else Resource(ResourceKind.APP, grant.app_code)
            await self._authorizer.require(session, principal, Action.APP_MANAGE, place)
        return grant

    async def browse(
        self, session: AsyncSession, principal: Principal, wanted: GrantFilter, page: PageRequest
    ) -> PageOf[Grant]:
        """Those of apps the caller manages and of systems he decides on."""
        allowing = self._authorizer.resources_allowing
        apps = await allowing(session, principal, Action.APP_MANAGE, ResourceKind.APP)
        if apps is not None:
            projects = await allowing(session, principal, Action.APP_MANAGE, ResourceKind.PROJECT)
            apps |= frozenset(await app_codes_of_projects(session, projects or ()))
        systems = await allowing(session, principal, Action.GRANT_DECIDE, ResourceKind.SYSTEM)
        return await grants_page(session, wanted, Visible(apps, systems), self._clock.now(), page)

    async def expire_due(self, session: AsyncSession) -> int:
        """Writes down what time has done; the data plane refused these calls already. Answers how many."""
        await self._publisher.lock(session)
        due = await due_grants(session, self._clock.now(), _EXPIRED_AT_ONCE)
        for grant in due:
            before = GrantState(grant.state)
            grant.state = after(before, GrantStep.EXPIRE).value
            await _audit(session, system_principal("grant expiry"), grant, before)
        for app_code in dict.fromkeys(grant.app_code for grant in due):
            await self._publish(session, app_code)
        return len(due)

    def state_of(self, grant: Grant) -> GrantState:
        """The state of now."""
        return state_at(GrantState(grant.state), grant.expires_at, self._clock.now())

    async def _decide(
        self,
        session: AsyncSession,
        principal: Principal,
        grant_id: str,
        step: GrantStep,
        comment: str,
        until: Duration | None = None,
    ) -> Grant:
        await self._publisher.lock(session)
        grant = await self._existing(session, grant_id)
        await self._authorizer.require(
            session, principal, Action.GRANT_DECIDE, Resource(ResourceKind.SYSTEM, grant.system)
        )
        before, now = self.state_of(grant), self._clock.now()
        grant.state = after(before, step).value
        grant.decided_by = principal.id
        grant.decided_at = now
        grant.comment = comment
        if until is not None:
            grant.expires_at = until.end(grant.days, now)
        await _audit(session, principal, grant, before)
        return grant

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

    async def check_may_apply(
        self, session: AsyncSession, principal: Principal, system: str, components: Iterable[str | None]
    ) -> None:
        """Raises PermissionDenied for a component nobody may apply for but who decides on the system's grants."""
        unasked = sorted(await self._components.unasked_components(session, system) & {*components})
        resource = Resource(ResourceKind.SYSTEM, system)
        if unasked and not await self._authorizer.allows(session, principal, Action.GRANT_DECIDE, resource):
            raise PermissionDenied(f"{system}.{unasked[0]} can't be applied for; ask the owner of {system} to give it")

    async def _publish(self, session: AsyncSession, app_code: str) -> int:
        return await self._publisher.publish(session, lambda inside: app_document(inside, app_code, self._clock.now()))


def _stands_for(grant: Grant, component: str | None) -> bool:
    """One for the whole system does once it was given; while it waits, it may yet be refused for being so wide."""
    return grant.component == component or (grant.component is None and grant.state == GrantState.APPROVED)


async def _audit(session: AsyncSession, principal: Principal, grant: Grant, before: GrantState) -> None:
    app = await find_app(session, grant.app_code)
    record(
        session,
        principal,
        f"grant.{grant.state}",
        "grant",
        grant.id,
        before={"state": before.value},
        after={
            "state": grant.state,
            "app_code": grant.app_code,
            "system": grant.system,
            "component": grant.component,
            "expires_at": grant.expires_at.isoformat() if grant.expires_at is not None else None,
            "comment": grant.comment,
        },
        project_id=app.project_id if app is not None else None,
    )
