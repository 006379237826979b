"""Keeps a look-out for every kind of object that a trigger waits for, and none where nobody does."""

import asyncio
from typing import Final

import structlog

from kernel.db.database import Database
from kernel.ids import new_id
from orchestrator.triggers import repository
from orchestrator.triggers.watching.feed import Feed, FeedReader

_log = structlog.get_logger()
_PAUSES: Final = (2.0, 5.0, 15.0, 30.0)
"""Seconds before the next look after one that failed; the last of them for ever."""
LOOK_SECONDS: Final = 30.0
"""How often it is looked for triggers that another process made."""


class FeedWatchers:
    def __init__(self, database: Database, reader: FeedReader) -> None:
        self._database = database
        self._reader = reader
        self._watcher = new_id()
        self._watching: dict[tuple[str, str], asyncio.Task[None]] = {}

    async def keep(self) -> float:
        """Begins and ends look-outs as triggers want; answers the seconds until it should be called again."""
        async with self._database.reading() as session:
            wanted = await repository.wanted_feeds(session)
        for key in self._watching.keys() - wanted:
            self._watching.pop(key).cancel()
        for project_id, resource in wanted - self._watching.keys():
            feed = Feed(project_id, resource, self._watcher)
            watching = asyncio.create_task(self._watch(feed), name=f"inventory {resource}")
            self._watching[project_id, resource] = watching
        return LOOK_SECONDS

    async def stop(self) -> None:
        """A look under way is broken off: what it would have brought is asked for again."""
        ending = list(self._watching.values())
        self._watching.clear()
        for watching in ending:
            watching.cancel()
        await asyncio.gather(*ending, return_exceptions=True)

    async def _watch(self, feed: Feed) -> None:
        failures = 0
        while True:
            try:
                failures = 0 if await self._reader.look(feed) else failures + 1
            except Exception as error:  # noqa: BLE001  whatever a look raises, the next one comes
                _log.error("inventory_look_failed", resource=feed.resource, exc_info=error)
                failures += 1
            if failures:
                await asyncio.sleep(_PAUSES[min(failures, len(_PAUSES)) - 1])
