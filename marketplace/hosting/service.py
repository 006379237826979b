"""Hosted plugins as their operators see them: administrators all, an author his own."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.principal import Principal
from marketplace.hosting.environment.folders import HostedFolder
from marketplace.hosting.errors import HostedPluginUnknown
from marketplace.hosting.isolation import Isolation
from marketplace.hosting.log import last_lines
from marketplace.hosting.models import HostedPlugin, HostedState
from marketplace.hosting.repository import all_hosted, find_hosted, owned_plugins
from marketplace.hosting.supervisor import Supervisor
from marketplace.versions.repository import find_plugin


class HostingService:
    def __init__(self, authorizer: Authorizer, supervisor: Supervisor, clock: Clock, *, hosts: bool) -> None:
        self._authorizer = authorizer
        self._supervisor = supervisor
        self._clock = clock
        self.hosts = hosts

    async def browse(self, session: AsyncSession, principal: Principal) -> list[HostedPlugin]:
        """All for administrators; for others those whose code is theirs."""
        rows = await all_hosted(session)
        if await self._administers(session, principal):
            return rows
        own = await owned_plugins(session, principal.id)
        return [row for row in rows if row.plugin in own]

    async def unseen(self, session: AsyncSession, principal: Principal) -> int:
        """How many there are beside those that `browse` shows."""
        return len(await all_hosted(session)) - len(await self.browse(session, principal))

    async def get(self, session: AsyncSession, principal: Principal, plugin: str, version: str) -> HostedPlugin:
        """Raises HostedPluginUnknown: there is none, or none of the caller's."""
        row = await find_hosted(session, plugin, version)
        if row is not None and await self._may(session, principal, plugin):
            return row
        raise HostedPluginUnknown(f"No plugin {plugin} {version} is hosted here, or it belongs to somebody else")

    async def log(
        self, session: AsyncSession, principal: Principal, plugin: str, version: str, lines: int
    ) -> list[str]:
        row = await self.get(session, principal, plugin, version)
        folder = HostedFolder(self._supervisor.settings.base, plugin, version, row.digest)
        return await asyncio.to_thread(last_lines, folder.log, lines)

    async def stop(self, session: AsyncSession, principal: Principal, plugin: str, version: str) -> HostedPlugin:
        """Nothing starts it until somebody does."""
        row = await self.get(session, principal, plugin, version)
        if not row.is_stopped:
            row.is_stopped, row.state, row.detail = True, HostedState.STOPPED.value, "by an operator"
            self._audit(session, principal, row, "plugin.hosted_stopped")
        return row

    async def start(self, session: AsyncSession, principal: Principal, plugin: str, version: str) -> HostedPlugin:
        row = await self.get(session, principal, plugin, version)
        if row.is_stopped:
            row.is_stopped, row.state, row.detail = False, HostedState.PREPARING.value, ""
            row.restart_at = self._clock.now()
            self._audit(session, principal, row, "plugin.hosted_started")
        return row

    async def restart(self, session: AsyncSession, principal: Principal, plugin: str, version: str) -> HostedPlugin:
        """Ends its process and starts another; one that was given up is tried again."""
        row = await self.get(session, principal, plugin, version)
        row.is_stopped, row.restart_at = False, self._clock.now()
        if row.state != HostedState.RUNNING.value:
            row.state, row.detail = HostedState.PREPARING.value, ""
        self._audit(session, principal, row, "plugin.hosted_restarted")
        return row

    async def isolation(self) -> Isolation:
        return await self._supervisor.find_isolation()

    @property
    def is_relaxed(self) -> bool:
        return self._supervisor.settings.relaxed

    def _audit(self, session: AsyncSession, principal: Principal, row: HostedPlugin, action: str) -> None:
        row.updated_at = self._clock.now()
        record(session, principal, action, "plugin", row.plugin, after={"version": row.version})

    async def _may(self, session: AsyncSession, principal: Principal, plugin: str) -> bool:
        if await self._administers(session, principal):
            return True
        found = await find_plugin(session, plugin)
        return found is not None and found.owner == principal.id

    async def _administers(self, session: AsyncSession, principal: Principal) -> bool:
        return await self._authorizer.allows(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
