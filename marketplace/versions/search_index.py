"""Plugins that the search does not know yet."""

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.db.database import Database
from marketplace.search.repository import unindexed_codes
from marketplace.versions.describing import describe_by_latest
from marketplace.versions.manifests import ManifestCache
from marketplace.versions.standing.repository import candidates_of, lock_plugin


class SearchIndex:
    def __init__(self, database: Database, manifests: ManifestCache) -> None:
        self._database = database
        self._manifests = manifests

    async def complete(self) -> None:
        """Has every published plugin found; each in a transaction of its own, so that nobody waits for all of them."""
        async with self._database.reading() as session:
            codes = await unindexed_codes(session)
        for code in codes:
            async with self._database.unit_of_work() as session:
                await self._index(session, code)

    async def _index(self, session: AsyncSession, code: str) -> None:
        plugin = await lock_plugin(session, code)
        if plugin is not None:
            await describe_by_latest(session, plugin, await candidates_of(session, code), self._manifests)
