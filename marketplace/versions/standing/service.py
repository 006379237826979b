"""What becomes of published versions, which never change themselves: channels, yanking, deprecation."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Authorizer
from kernel.errors import Conflict, Invalid
from kernel.ids import new_id
from kernel.principal import Principal
from marketplace.versions import wordings
from marketplace.versions.describing import describe_by_latest
from marketplace.versions.errors import PluginUnknown
from marketplace.versions.manifests import ManifestCache
from marketplace.versions.models import PluginRow, VersionStandingRow
from marketplace.versions.ownership import own_plugin
from marketplace.versions.ranking import may_stand_in
from marketplace.versions.repository import find_plugin, find_version
from marketplace.versions.schemas import Deprecation
from marketplace.versions.standing.repository import candidates_of, note_change, standing_of
from marketplace.webhooks.events import CatalogueEvent
from marketplace.webhooks.telling import News, tell


class StandingService:
    def __init__(self, authorizer: Authorizer, manifests: ManifestCache, clock: Clock) -> None:
        self._authorizer = authorizer
        self._manifests = manifests
        self._clock = clock

    async def yank(self, session: AsyncSession, principal: Principal, code: str, version: str, message: str) -> None:
        """Has nobody install the version any more; where it is installed it goes on.

        Raises:
            PluginUnknown: no such version.
            PermissionDenied: it is not the caller's.
            Conflict: it is yanked already.
        """
        plugin, standing = await self._own(session, principal, code, version)
        if standing.is_yanked:
            raise Conflict(f"{code} {version} is yanked already")
        standing.yanked_at, standing.yanked_by = self._clock.now(), principal.id
        standing.yank_message = message.strip()
        await self._changed(session, plugin, standing)
        after = {"version": version, "message": standing.yank_message}
        record(session, principal, "plugin.yanked", "plugin", code, after=after)
        await self._tell(session, principal, CatalogueEvent.YANKED, plugin, after)

    async def unyank(self, session: AsyncSession, principal: Principal, code: str, version: str) -> None:
        """Raises as `yank`; Conflict: it isn't yanked."""
        plugin, standing = await self._own(session, principal, code, version)
        if not standing.is_yanked:
            raise Conflict(f"{code} {version} is not yanked")
        before = {"version": version, "message": standing.yank_message}
        standing.yanked_at = standing.yanked_by = standing.yank_message = None
        await self._changed(session, plugin, standing)
        record(session, principal, "plugin.unyanked", "plugin", code, before=before)
        await self._tell(session, principal, CatalogueEvent.UNYANKED, plugin, {"version": version})

    async def move(self, session: AsyncSession, principal: Principal, code: str, version: str, channel: str) -> None:
        """Puts the version into a channel.

        Raises:
            PluginUnknown, PermissionDenied: as `yank`.
            Invalid: a pre-release can't be stable.
        """
        plugin, standing = await self._own(session, principal, code, version)
        if not may_stand_in(version, channel):
            raise Invalid.of(wordings.NOT_STABLE.at("channel", version=version))
        if standing.channel == channel:
            return
        before = {"version": version, "channel": standing.channel}
        standing.channel = channel
        await self._changed(session, plugin, standing)
        after = {"version": version, "channel": channel}
        record(session, principal, "plugin.channel_changed", "plugin", code, before=before, after=after)
        await self._tell(session, principal, CatalogueEvent.CHANNEL_CHANGED, plugin, after)

    async def deprecate(
        self, session: AsyncSession, principal: Principal, code: str, deprecation: Deprecation | None
    ) -> PluginRow:
        """Tells everybody that the plugin has an end, and what to use instead; None takes it back.

        Raises:
            PluginUnknown, PermissionDenied: as `yank`.
            Invalid: the replacement is not published, or is the plugin itself.
        """
        plugin = await own_plugin(session, self._authorizer, principal, code)
        if deprecation is not None and deprecation.replacement is not None:
            await self._require_other(session, code, deprecation.replacement)
        before, after = plugin.deprecation, deprecation.model_dump(mode="json") if deprecation is not None else None
        if before == after:
            return plugin
        plugin.deprecation = after
        event = CatalogueEvent.DEPRECATED if after is not None else CatalogueEvent.UNDEPRECATED
        record(session, principal, event.value, "plugin", code, before=before, after=after)
        await note_change(session, code)
        await self._tell(session, principal, event, plugin, after or {})
        await session.flush()
        return plugin

    async def _tell(
        self,
        session: AsyncSession,
        principal: Principal,
        event: CatalogueEvent,
        plugin: PluginRow,
        facts: Mapping[str, Any],
    ) -> None:
        news = News(event, plugin.publisher, plugin.code, facts)
        await tell(session, principal, news, self._clock.now())

    async def _require_other(self, session: AsyncSession, code: str, replacement: str) -> None:
        if replacement == code:
            raise Invalid.of(wordings.ITSELF.at("replacement"))
        if await find_plugin(session, replacement) is None:
            raise Invalid.of(wordings.NO_REPLACEMENT.at("replacement"))

    async def _own(
        self, session: AsyncSession, principal: Principal, code: str, version: str
    ) -> tuple[PluginRow, VersionStandingRow]:
        plugin = await own_plugin(session, self._authorizer, principal, code)
        found = await find_version(session, code, version)
        if found is None:
            raise PluginUnknown(f"There is no version {version!r} of a plugin {code!r}")
        return plugin, await standing_of(session, found.id)

    async def _changed(self, session: AsyncSession, plugin: PluginRow, standing: VersionStandingRow) -> None:
        standing.change = new_id()
        await session.flush()
        await describe_by_latest(session, plugin, await candidates_of(session, plugin.code), self._manifests)
