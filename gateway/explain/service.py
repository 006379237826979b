from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.grants.rights import GrantRights
from gateway.explain.call_checks import CallQuestion, Check, check_call
from gateway.identity.resources import ResourceDirectory
from gateway.identity.users.repository import is_administrator
from gateway.identity.users.service import existing
from gateway.snapshot.model.snapshot import SnapshotHolder
from kernel.clock import Clock
from kernel.contracts.authorizer import (
    PLATFORM,
    Action,
    Authorizer,
    Decision,
    Explanation,
    Reason,
    Resource,
    ResourceKind,
)
from kernel.principal import Principal, PrincipalKind


class ExplainService:
    def __init__(
        self,
        authorizer: Authorizer,
        rights: GrantRights,
        resources: ResourceDirectory,
        snapshots: SnapshotHolder,
        clock: Clock,
    ) -> None:
        self._authorizer = authorizer
        self._rights = rights
        self._resources = resources
        self._snapshots = snapshots
        self._clock = clock

    async def actions(
        self,
        session: AsyncSession,
        principal: Principal,
        actions: Iterable[Action],
        resource_text: str,
        username: str | None = None,
    ) -> tuple[Resource, list[Explanation]]:
        """Why the caller, or as administrators may ask, somebody else, may or may not do these things."""
        resource = await self._resources.find(session, resource_text)
        if username is not None and username != principal.id:
            await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
            await existing(session, username)
            principal = Principal(PrincipalKind.USER, username, is_admin=await is_administrator(session, username))
        return resource, [await self._explained(session, principal, action, resource) for action in actions]

    async def _explained(
        self, session: AsyncSession, principal: Principal, action: Action, resource: Resource
    ) -> Explanation:
        """The authorizer's decision, and that of deputies, who hold no role."""
        found = await self._authorizer.explain(session, principal, action, resource)
        if found.decision.allowed or action is not Action.GRANT_DECIDE or resource.kind is not ResourceKind.SYSTEM:
            return found
        deputy = await self._rights.deputy(session, principal, resource.id)
        if deputy is None:
            return found
        text = f"{principal.id} is deputy for the system {resource.id}, named by {deputy.named_by}"
        return Explanation(
            Decision(allowed=True, reason=Reason.DEPUTY), f"{text} until {deputy.ends_at:%Y-%m-%d %H:%M} UTC"
        )

    async def call(self, session: AsyncSession, principal: Principal, question: CallQuestion) -> list[Check]:
        """For who manages the app or the system: others need not know who may call what."""
        app = await self._resources.find_or_none(session, ResourceKind.APP, question.app_code)
        manages_app = app is not None and await self._authorizer.allows(session, principal, Action.APP_MANAGE, app)
        if not manages_app:
            system = Resource(ResourceKind.SYSTEM, question.system)
            await self._authorizer.require(session, principal, Action.SYSTEM_MANAGE, system)
        return check_call(self._snapshots.current, question, self._clock.now().timestamp())
