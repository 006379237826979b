"""Browsing and searching what is published."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.db.pages import PageRequest
from marketplace.advisories.models import AdvisoryRow
from marketplace.advisories.repository import standing_advisories
from marketplace.installs.repository import count_installs
from marketplace.publishers.marks import Mark, marks_of
from marketplace.runs.repository import Runs, runs_of
from marketplace.search.query import Search, Sort
from marketplace.search.repository import FacetCount, facet_counts, finds, found_plugins, incompatible_ranges
from marketplace.search.spelling import meant_by
from marketplace.versions.details import VersionDetails, details_of
from marketplace.versions.errors import PluginUnknown
from marketplace.versions.models import PluginRow, PluginVersionRow
from marketplace.versions.repository import VersionSummary, find_plugin, find_summaries, find_version

_PRODUCT = "trunkline"


@dataclass(frozen=True, slots=True)
class CataloguePlugin:
    """Attributes:
    mark: its publisher's, where it is proven who that is.
    runs: of the last days, in all projects, by version; under "" those of before versions were told apart.
    """

    plugin: PluginRow
    versions: list[VersionSummary]
    mark: Mark
    installs: int
    downloads: int
    runs: dict[str, Runs]
    advisories: list[AdvisoryRow]


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody looks for.

    Attributes:
        facets: values by facet.
        verified: leaves out those of publishers of whom it isn't proven who they are.
        compatible: leaves out what asks for another version of this product.
    """

    text: str
    facets: Mapping[str, str]
    compatible: bool
    verified: bool = False
    sort: Sort = Sort.RELEVANCE


class CatalogueService:
    async def search(
        self, session: AsyncSession, wish: Wish, page: PageRequest
    ) -> tuple[list[CataloguePlugin], str | None]:
        """A page of what is found, the best first, and the cursor of the next one."""
        rows, cursor = await found_plugins(session, await _search(session, wish), page)
        return await self._complete(session, list(rows)), cursor

    async def facets(self, session: AsyncSession, wish: Wish) -> tuple[int, list[FacetCount]]:
        """How many plugins are found, and how many of them have which property."""
        return await facet_counts(session, await _search(session, wish))

    async def meant(self, session: AsyncSession, wish: Wish) -> str | None:
        """Words close to those that were looked for, where something is found by them."""
        meant = await meant_by(session, wish.text)
        if meant is None or not await finds(session, await _search(session, replace(wish, text=meant))):
            return None
        return meant

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
        installs, runs = await count_installs(session, codes), await runs_of(session, codes)
        marks = await marks_of(session, {plugin.publisher for plugin in plugins})
        versions: dict[str, list[VersionSummary]] = {code: [] for code in codes}
        for each in await find_summaries(session, codes):
            versions[each.plugin_code].append(each)
        advisories = await standing_advisories(session, codes)
        return [
            CataloguePlugin(
                plugin,
                versions[plugin.code],
                marks.get(plugin.publisher, Mark()),
                installs.get(plugin.code, 0),
                sum(version.downloads for version in versions[plugin.code]),
                runs.get(plugin.code, {}),
                advisories[plugin.code],
            )
            for plugin in plugins
        ]


async def _search(session: AsyncSession, wish: Wish) -> Search:
    incompatible = await incompatible_ranges(session, version(_PRODUCT)) if wish.compatible else frozenset[str]()
    return Search(wish.text, wish.facets, incompatible, wish.verified, wish.sort)
