"""Warnings about published versions: who wrote the plugin, or an administrator, gives them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action, Authorizer, Resource, ResourceKind
from kernel.contracts.projects import ProjectDirectory
from kernel.db.pages import PageRequest
from kernel.errors import Conflict, Invalid
from kernel.principal import Principal
from marketplace.advisories.errors import AdvisoryUnknown
from marketplace.advisories.models import AdvisoryRow
from marketplace.advisories.repository import affecting, find_advisory, page_of_advisories, standing_advisories
from marketplace.advisories.schemas import NewAdvisory
from marketplace.installs.repository import find_with_versions
from marketplace.package.ranges import VersionRange, read_range
from marketplace.versions import wordings
from marketplace.versions.models import PluginRow
from marketplace.versions.ownership import own_plugin
from marketplace.versions.repository import versions_of
from marketplace.versions.standing.repository import note_change
from marketplace.webhooks.events import CatalogueEvent
from marketplace.webhooks.telling import News, tell


class AdvisoryService:
    def __init__(self, authorizer: Authorizer, projects: ProjectDirectory, clock: Clock) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._clock = clock

    async def publish(
        self, session: AsyncSession, principal: Principal, code: str, new: NewAdvisory, origin: str | None = None
    ) -> AdvisoryRow:
        """Args:
            origin: where it was followed from.

        Raises:
        PluginUnknown: no such plugin.
        PermissionDenied: it is not the caller's.
        Invalid: the range can't be read, or holds no published version.
        """
        plugin = await own_plugin(session, self._authorizer, principal, code)
        await self._require_concerns(session, code, new.affected)
        row = AdvisoryRow(
            plugin_code=plugin.code,
            severity=new.severity.value,
            affected=new.affected,
            title=new.title.model_dump(),
            text=new.text.model_dump(),
            origin=origin,
            published_by=principal.id,
            published_at=self._clock.now(),
        )
        session.add(row)
        after = {"id": row.id, "severity": row.severity, "affected": row.affected, "title": row.title}
        record(session, principal, "plugin.advisory_published", "plugin", code, after=after)
        await session.flush()
        await self._tell(session, principal, CatalogueEvent.ADVISORY_PUBLISHED, plugin, after)
        return row

    async def change(
        self, session: AsyncSession, principal: Principal, advisory_id: str, new: NewAdvisory
    ) -> AdvisoryRow:
        """Raises as `publish`; AdvisoryUnknown: no such advisory; Conflict: it is withdrawn."""
        row, plugin = await self._own(session, principal, advisory_id)
        await self._require_concerns(session, plugin.code, new.affected)
        before, after = _said(row), new.model_dump(mode="json")
        if before == after:
            return row
        row.severity, row.affected = new.severity.value, new.affected
        row.title, row.text = new.title.model_dump(), new.text.model_dump()
        facts = {"id": row.id, "severity": row.severity, "affected": row.affected, "title": row.title}
        audited = {"id": row.id, **after}
        record(session, principal, "plugin.advisory_changed", "plugin", plugin.code, before=before, after=audited)
        await session.flush()
        await self._tell(session, principal, CatalogueEvent.ADVISORY_CHANGED, plugin, facts)
        return row

    async def concerns(self, session: AsyncSession, code: str, affected: str) -> bool:
        """Whether a range holds a published version; one that can't be read holds none."""
        try:
            versions = read_range(affected)
        except ValueError:
            return False
        return await self._concerns(session, code, versions)

    @staticmethod
    async def _concerns(session: AsyncSession, code: str, affected: VersionRange) -> bool:
        return any(affected.admits(version) for version in await versions_of(session, code))

    async def withdraw(self, session: AsyncSession, principal: Principal, advisory_id: str, reason: str) -> AdvisoryRow:
        """Raises:
        AdvisoryUnknown: no such advisory.
        PermissionDenied: the plugin is not the caller's.
        Conflict: it is withdrawn already.
        """
        row, plugin = await self._own(session, principal, advisory_id)
        row.withdrawn_by, row.withdrawn_at, row.withdrawn_reason = principal.id, self._clock.now(), reason.strip()
        after = {"id": row.id, "reason": row.withdrawn_reason}
        record(session, principal, "plugin.advisory_withdrawn", "plugin", row.plugin_code, after=after)
        await session.flush()
        await self._tell(session, principal, CatalogueEvent.ADVISORY_WITHDRAWN, plugin, after)
        return row

    async def _own(
        self, session: AsyncSession, principal: Principal, advisory_id: str
    ) -> tuple[AdvisoryRow, PluginRow]:
        """An advisory that holds, and the plugin it is about, which the caller may speak for."""
        row = await find_advisory(session, advisory_id)
        if row is None:
            raise AdvisoryUnknown(f"There is no advisory {advisory_id!r}")
        plugin = await own_plugin(session, self._authorizer, principal, row.plugin_code)
        if row.withdrawn_at is not None:
            raise Conflict("The advisory is withdrawn already")
        return row, plugin

    async def _require_concerns(self, session: AsyncSession, code: str, affected: str) -> None:
        try:
            versions = read_range(affected)
        except ValueError as error:
            raise Invalid.of(wordings.RANGE.at("affected", why=str(error))) from error
        if not await self._concerns(session, code, versions):
            raise Invalid.of(wordings.CONCERNS_NONE.at("affected"))

    async def _tell(
        self,
        session: AsyncSession,
        principal: Principal,
        event: CatalogueEvent,
        plugin: PluginRow,
        facts: Mapping[str, Any],
    ) -> None:
        await note_change(session, plugin.code)
        await tell(session, principal, News(event, plugin.publisher, plugin.code, facts), self._clock.now())

    async def page(
        self, session: AsyncSession, plugin: str | None, page: PageRequest
    ) -> tuple[list[AdvisoryRow], str | None]:
        """Of one plugin or of all, withdrawn ones too, the newest first."""
        found = await page_of_advisories(session, plugin, page)
        return list(found.items), found.next

    async def holding(self, session: AsyncSession, code: str, version: str) -> list[AdvisoryRow]:
        """Those that hold for a version now."""
        return affecting((await standing_advisories(session, [code]))[code], version)

    async def of_project(
        self, session: AsyncSession, principal: Principal, project: str
    ) -> list[tuple[str, str, AdvisoryRow]]:
        """What holds for the versions installed in a project, as plugin, version and advisory.

        Raises:
            NotFound: no such project.
            PermissionDenied: the caller may not see it.
        """
        target = await self._projects.find(session, project)
        resource = Resource(ResourceKind.PROJECT, target.id)
        await self._authorizer.require(session, principal, Action.PROJECT_VIEW, resource)
        installed = [(row.plugin, row.version) for row, *_ in await find_with_versions(session, target.id)]
        known = await standing_advisories(session, {plugin for plugin, _ in installed})
        return [
            (plugin, version, advisory)
            for plugin, version in installed
            for advisory in affecting(known[plugin], version)
        ]


def _said(row: AdvisoryRow) -> dict[str, Any]:
    """What it tells, as whoever gives it writes it."""
    return {"severity": row.severity, "affected": row.affected, "title": row.title, "text": row.text}
