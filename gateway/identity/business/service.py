from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity.authorization.authorizer import bind, unbind
from gateway.identity.authorization.models import CMDB
from gateway.identity.authorization.repository import bindings_on
from gateway.identity.business.models import ProjectBusiness
from gateway.identity.business.reader import COMPONENT, BusinessUnreadable
from gateway.identity.business.repository import any_due, claim_due, find_business, known_among, remove_business
from gateway.identity.business.roles import roles_of_business
from gateway.identity.projects.models import Project
from gateway.identity.projects.service import ProjectService, resource_of
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action, Authorizer
from kernel.contracts.grant_desk import GrantDesk
from kernel.db.database import Database
from kernel.errors import NotFound
from kernel.principal import Principal, system_principal

EVERY: Final = timedelta(minutes=5)
_REASON: Final = "To keep the roles of the project's members as the business has them"


class Cmdb(Protocol):
    """Where businesses are looked up: implemented by `gateway.identity.business.reader`."""

    async def read(
        self, project_id: str, service_app: str, bk_biz_id: int, fields: list[str]
    ) -> Mapping[str, Any] | None:
        """The business, or `None` when there is no such. Raises BusinessUnreadable."""
        ...

    async def aclose(self) -> None: ...


class BusinessService:
    """Binds projects to CMDB businesses and keeps the roles of their people in step; roles given by hand stay."""

    def __init__(
        self,
        database: Database,
        authorizer: Authorizer,
        projects: ProjectService,
        grant_desk: GrantDesk,
        cmdb: Cmdb,
        clock: Clock,
    ) -> None:
        self._database = database
        self._authorizer = authorizer
        self._projects = projects
        self._grant_desk = grant_desk
        self._cmdb = cmdb
        self._clock = clock

    async def find(self, session: AsyncSession, principal: Principal, project_name: str) -> ProjectBusiness | None:
        project = await self._projects.get(session, principal, project_name)
        return await find_business(session, project.id)

    async def bind(
        self, session: AsyncSession, principal: Principal, project_name: str, bk_biz_id: int, roles: Mapping[str, str]
    ) -> ProjectBusiness:
        """Applies for what the project's service app needs to read the business, too; synchronise afterwards."""
        project = await self._manageable(session, principal, project_name)
        business = await find_business(session, project.id)
        before = _described(business) if business is not None else None
        if business is None:
            business = ProjectBusiness(
                project_id=project.id,
                bk_biz_id=bk_biz_id,
                roles={},
                bound_by=principal.id,
                next_sync_at=self._clock.now(),
            )
        business.bk_biz_id, business.roles, business.bound_by = bk_biz_id, dict(roles), principal.id
        business.next_sync_at = self._clock.now()
        session.add(business)
        after = _described(business)
        _audit(session, principal, "project.business_bound", project, before, after)
        await self._grant_desk.apply_for_components(session, principal, project.id, [COMPONENT], _REASON)
        return business

    async def unbind(self, session: AsyncSession, principal: Principal, project_name: str) -> None:
        """The roles that came from the business go with it."""
        project = await self._manageable(session, principal, project_name)
        before = _described(await _bound(session, project))
        await _reconcile(session, principal, project, frozenset())
        await remove_business(session, project.id)
        _audit(session, principal, "project.business_unbound", project, before, None)

    async def synchronise_now(self, principal: Principal, project_name: str) -> ProjectBusiness:
        async with self._database.reading() as session:
            project = await self._manageable(session, principal, project_name)
            await _bound(session, project)
        return await self._synchronise(project.id, principal)

    async def synchronise_due(self) -> bool:
        """One project whose turn it is; whether there was one."""
        now = self._clock.now()
        async with self._database.reading() as session:
            if not await any_due(session, now):
                return False
        async with self._database.unit_of_work() as session:
            project_id = await claim_due(session, now, now + EVERY)
        if project_id is None:
            return False
        await self._synchronise(project_id, system_principal("role synchronisation"))
        return True

    async def _synchronise(self, project_id: str, principal: Principal) -> ProjectBusiness:
        """Asks the CMDB without holding a transaction, then writes what it said."""
        async with self._database.reading() as session:
            project = await self._projects.existing(session, project_id)
            asked = await _bound(session, project)
        found, problem = await self._ask(project, asked)
        async with self._database.unit_of_work() as session:
            business = await _bound(session, project)
            if (business.bk_biz_id, business.roles) != (asked.bk_biz_id, asked.roles):
                return business  # bound anew meanwhile; what came answers another question
            business.problem = problem
            session.add(business)
            if found is not None:
                await self._take_over(session, principal, project, business, found)
            return business

    async def _ask(self, project: Project, asked: ProjectBusiness) -> tuple[Mapping[str, Any] | None, str]:
        """What the CMDB says, nothing while it can't be asked; and what is wrong."""
        try:
            found = await self._cmdb.read(project.id, project.service_app_code, asked.bk_biz_id, list(asked.roles))
        except BusinessUnreadable as error:
            return None, str(error)[:1000]
        return (found, "") if found is not None else ({}, f"The CMDB has no business {asked.bk_biz_id}")

    async def _take_over(
        self,
        session: AsyncSession,
        principal: Principal,
        project: Project,
        business: ProjectBusiness,
        found: Mapping[str, Any],
    ) -> None:
        told = roles_of_business(found, business.roles)
        known = await known_among(session, sorted({name for name, _ in told}))
        await _reconcile(session, principal, project, frozenset(each for each in told if each[0] in known))
        business.strangers = sorted({name[:64] for name, _ in told if name not in known})[:500]
        business.synced_at = self._clock.now()
        session.add(business)

    async def aclose(self) -> None:
        await self._cmdb.aclose()

    async def _manageable(self, session: AsyncSession, principal: Principal, project_name: str) -> Project:
        project = await self._projects.existing(session, project_name)
        await self._authorizer.require(session, principal, Action.PROJECT_MANAGE, resource_of(project))
        return project


async def _bound(session: AsyncSession, project: Project) -> ProjectBusiness:
    business = await find_business(session, project.id)
    if business is None:
        raise NotFound(f"The project {project.code} belongs to no business of the CMDB")
    return business


async def _reconcile(
    session: AsyncSession, principal: Principal, project: Project, wanted: frozenset[tuple[str, str]]
) -> None:
    place = resource_of(project)
    held = {(each.username, each.role) for each in await bindings_on(session, place) if each.origin == CMDB}
    for username, role in sorted(wanted - held):
        await bind(session, principal, username, role, place, CMDB)
    for username, role in sorted(held - wanted):
        await unbind(session, principal, username, role, place, CMDB)


def _described(business: ProjectBusiness) -> dict[str, Any]:
    return {"bk_biz_id": business.bk_biz_id, "roles": dict(business.roles)}


def _audit(
    session: AsyncSession,
    principal: Principal,
    action: str,
    project: Project,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> None:
    record(session, principal, action, "project", project.id, before=before, after=after, project_id=project.id)
