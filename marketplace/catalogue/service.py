"""Browsing and searching what is published."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from kernel.db.pages import PageRequest, read_page
from marketplace.advisories.models import AdvisoryRow
from marketplace.advisories.repository import standing_advisories
from marketplace.installs.repository import count_installs
from marketplace.versions.details import VersionDetails, details_of
from marketplace.versions.errors import PluginUnknown
from marketplace.versions.models import PluginRow, PluginVersionRow
from marketplace.versions.repository import VersionSummary, find_plugin, find_summaries, find_version

_ESCAPE = "\\"


@dataclass(frozen=True, slots=True)
class CataloguePlugin:
    plugin: PluginRow
    versions: list[VersionSummary]
    installs: int
    advisories: list[AdvisoryRow]


class CatalogueService:
    async def search(
        self, session: AsyncSession, text: str | None, tag: str | None, page: PageRequest
    ) -> tuple[list[CataloguePlugin], str | None]:
        """A page of the newest plugins first, and the cursor of the next one.

        Every word of `text` must occur in code, name, description or tags.
        """
        statement = select(PluginRow).where(col(PluginRow.is_hidden).is_(False))
        for word in (text or "").lower().split():
            statement = statement.where(col(PluginRow.search_text).like(f"%{_escaped(word)}%", escape=_ESCAPE))
        if tag:
            statement = statement.where(col(PluginRow.tag_text).like(f"% {_escaped(tag)} %", escape=_ESCAPE))
        found = await read_page(session, statement, col(PluginRow.id), page, newest_first=True)
        return await self._complete(session, list(found.items)), found.next

    async def plugin(self, session: AsyncSession, code: str) -> CataloguePlugin:
        """Raises:
        PluginUnknown: no such plugin.
        """
        plugin = await find_plugin(session, code)
        if plugin is None:
            raise PluginUnknown(f"There is no plugin {code!r}")
        (complete,) = await self._complete(session, [plugin])
        return complete

    async def version(self, session: AsyncSession, code: str, version: str) -> PluginVersionRow:
        """Raises:
        PluginUnknown: no such plugin or version.
        """
        found = await find_version(session, code, version)
        if found is None:
            raise PluginUnknown(f"There is no version {version!r} of a plugin {code!r}")
        return found

    async def details(self, session: AsyncSession, code: str, version: str) -> VersionDetails:
        """A version with what was said of it since; raises as `version`."""
        return await details_of(session, await self.version(session, code, version))

    async def _complete(self, session: AsyncSession, plugins: list[PluginRow]) -> list[CataloguePlugin]:
        codes = [plugin.code for plugin in plugins]
        installs = await count_installs(session, codes)
        versions: dict[str, list[VersionSummary]] = {code: [] for code in codes}
        for version in await find_summaries(session, codes):
            versions[version.plugin_code].append(version)
        advisories = await standing_advisories(session, codes)
        return [
            CataloguePlugin(plugin, versions[plugin.code], installs.get(plugin.code, 0), advisories[plugin.code])
            for plugin in plugins
        ]


def _escaped(word: str) -> str:
    return word.replace(_ESCAPE, _ESCAPE * 2).replace("%", _ESCAPE + "%").replace("_", _ESCAPE + "_")
