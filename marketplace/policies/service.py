"""Laying down which plugins are taken, and switching plugins off; for a project, or for the platform."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer, Resource, ResourceKind
from kernel.contracts.projects import ProjectDirectory
from kernel.db.database import after_commit
from kernel.errors import Conflict
from kernel.principal import Principal
from marketplace.policies.errors import StalePolicy
from marketplace.policies.models import DisabledPluginRow, PluginPolicyRow
from marketplace.policies.repository import EVERYWHERE, find_disabled, find_policy
from marketplace.policies.schemas import PluginPolicyDocument
from marketplace.versions.errors import PluginUnknown
from marketplace.versions.repository import find_plugin


@dataclass(frozen=True, slots=True)
class PlacePolicy:
    """Attributes:
    row: none where nobody has set a policy.
    """

    row: PluginPolicyRow | None
    disabled: list[DisabledPluginRow]


class PolicyService:
    """`project` none means the platform.

    Args:
        changed: called once a change is durable, for whoever keeps decisions.
    """

    def __init__(
        self, authorizer: Authorizer, projects: ProjectDirectory, clock: Clock, changed: Callable[[], None]
    ) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._clock = clock
        self._changed = changed

    async def get(self, session: AsyncSession, principal: Principal, project: str | None) -> PlacePolicy:
        place = await self._place(session, principal, project, Action.PROJECT_VIEW)
        return await self._read(session, place)

    async def put(
        self,
        session: AsyncSession,
        principal: Principal,
        project: str | None,
        policy: PluginPolicyDocument,
        version: int | None,
    ) -> PlacePolicy:
        """Replaces the whole policy.

        Raises:
            StalePolicy: it is no longer at `version`.
        """
        place = await self._place(session, principal, project, Action.PROJECT_MANAGE)
        row = await find_policy(session, place, lock=True)
        at = row.version if row is not None else 0
        if version is not None and version != at:
            raise StalePolicy(f"The policy is at version {at}, no longer at {version}. Read it again")
        before = row.document if row is not None else None
        document = policy.model_dump(mode="json", include=set(PluginPolicyDocument.model_fields))
        if row is None:
            row = PluginPolicyRow(project_id=place, document={}, version=0, updated_by="", updated_at=self._clock.now())
            session.add(row)
        row.document, row.version = document, at + 1
        row.updated_by, row.updated_at = principal.id, self._clock.now()
        self._audit(session, principal, "plugin_policy.changed", place, place, before, document)
        await self._flush(session, "The policy is being changed by another request")
        return await self._read(session, place)

    async def disable(
        self, session: AsyncSession, principal: Principal, project: str | None, plugin: str, reason: str
    ) -> PlacePolicy:
        """Switches a plugin off: it is no longer installed, and nodes that run it fail with `reason`."""
        place = await self._place(session, principal, project, Action.PROJECT_MANAGE)
        if await find_plugin(session, plugin) is None:
            raise PluginUnknown(f"There is no plugin {plugin!r}")
        now = self._clock.now()
        row = await session.get(DisabledPluginRow, (place, plugin))
        before: dict[str, object] | None = {"reason": row.reason} if row is not None else None
        if row is None:
            row = DisabledPluginRow(
                project_id=place, plugin=plugin, reason=reason, disabled_by=principal.id, disabled_at=now
            )
            session.add(row)
        row.reason, row.disabled_by, row.disabled_at = reason, principal.id, now
        self._audit(session, principal, "plugin.disabled", plugin, place, before, {"reason": reason})
        await self._flush(session, f"{plugin} is being switched off by another request")
        return await self._read(session, place)

    async def enable(
        self, session: AsyncSession, principal: Principal, project: str | None, plugin: str
    ) -> PlacePolicy:
        """Takes `disable` back; what was not switched off stays on."""
        place = await self._place(session, principal, project, Action.PROJECT_MANAGE)
        row = await session.get(DisabledPluginRow, (place, plugin))
        if row is not None:
            await session.delete(row)
            self._audit(session, principal, "plugin.enabled", plugin, place, {"reason": row.reason}, None)
            await self._flush(session, f"{plugin} is being switched on by another request")
        return await self._read(session, place)

    async def _place(self, session: AsyncSession, principal: Principal, project: str | None, action: Action) -> str:
        if project is None:
            await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
            return EVERYWHERE
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, action, Resource(ResourceKind.PROJECT, found.id))
        return found.id

    async def _read(self, session: AsyncSession, place: str) -> PlacePolicy:
        return PlacePolicy(await find_policy(session, place), await find_disabled(session, place))

    async def _flush(self, session: AsyncSession, conflict: str) -> None:
        try:
            await session.flush()
        except IntegrityError as error:
            raise Conflict(conflict) from error
        after_commit(session, self._changed)

    def _audit(
        self,
        session: AsyncSession,
        principal: Principal,
        action: str,
        resource: str,
        place: str,
        before: dict[str, object] | None,
        after: dict[str, object] | None,
    ) -> None:
        kind = "plugin_policy" if action.startswith("plugin_policy") else "plugin"
        record(
            session,
            principal,
            action,
            kind,
            resource or "platform",
            before=before,
            after=after,
            project_id=place or None,
        )
