"""One look at the changes of one kind of object, and the tasks that come of it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.clock import Clock
from kernel.contracts.component_caller import ComponentAway, ComponentCall, ComponentCaller, ComponentRefused
from kernel.db.database import Database
from orchestrator.triggers import repository
from orchestrator.triggers.firing import TriggerFiring
from orchestrator.triggers.models import InventoryFeed

WATCH: Final = "cmdb.resource_watch"
"""The component that tells of changes; the project's service app needs a grant on it."""

WAIT_SECONDS: Final = 3
"""How long the inventory waits for a change: a server that stops lets calls end first, its own among them."""
_LEASE: Final = timedelta(seconds=90)
_PART: Final = "inventory-triggers"
_CURSOR_TOO_OLD: Final = 1103007
_MISSED: Final = "Changes were missed while nobody looked; the inventory no longer keeps them"


@dataclass(frozen=True, slots=True)
class Feed:
    """Attributes:
    watcher: the process that looks.
    """

    project_id: str
    resource: str
    watcher: str


class FeedReader:
    """Each change is dealt with at least once, and its number is the key by which a trigger starts one task of it."""

    def __init__(self, database: Database, caller: ComponentCaller, firing: TriggerFiring, clock: Clock) -> None:
        self._database = database
        self._caller = caller
        self._firing = firing
        self._clock = clock

    async def look(self, feed: Feed) -> bool:
        """Asks once, and waits there for a change; false when it can't be asked now, or another process does."""
        found = await self._take(feed)
        if found is None:
            return False
        taken, owner = found
        call = ComponentCall(WATCH, _asked(feed.resource, taken.cursor), feed.project_id, owner, _PART)
        try:
            events = _events(await self._caller.call(call))
        except ComponentRefused as error:
            too_old = error.code == _CURSOR_TOO_OLD
            await self._trouble(feed, _MISSED if too_old else str(error), begin_anew=too_old)
            return False
        except ComponentAway as error:
            await self._trouble(feed, str(error))
            return False
        if events and (events[-1]["bk_cursor"] != taken.cursor or taken.problem):
            await self._deal_with(feed, taken.cursor, events)
        return True

    async def _take(self, feed: Feed) -> tuple[InventoryFeed, str] | None:
        """Where to go on, and for whom: the owner of the oldest trigger; none when another process looks."""
        now = self._clock.now()
        async with self._database.unit_of_work() as session:
            triggers = await repository.triggers_of_feed(session, feed.project_id, feed.resource)
            taken = await repository.take_feed(session, feed.project_id, feed.resource, feed.watcher, now, now + _LEASE)
        return (taken, triggers[0].owner) if taken is not None and triggers else None

    async def _deal_with(self, feed: Feed, cursor: str, events: list[dict[str, Any]]) -> None:
        """All of them and the cursor in one transaction; nothing when another process has been there first."""
        async with self._database.unit_of_work() as session:
            row = await repository.find_feed(session, feed.project_id, feed.resource, lock=True)
            if row is None or row.cursor != cursor:
                return
            for event in events:
                if event["bk_event_type"]:
                    await self._fire(session, feed, event)
            row.cursor, row.problem = str(events[-1]["bk_cursor"]), ""
            await repository.end_unwanted_feeds(session)

    async def _fire(self, session: AsyncSession, feed: Feed, event: dict[str, Any]) -> None:
        key, event_type = str(event["bk_cursor"]), str(event["bk_event_type"])
        told = {"id": key, "resource": feed.resource, "type": event_type, "detail": event["bk_detail"] or {}}
        for trigger in await repository.triggers_of_feed(session, feed.project_id, feed.resource):
            if not trigger.event_types or event_type in trigger.event_types:
                await self._firing.fire(session, trigger, key, {"event": told})

    async def _trouble(self, feed: Feed, problem: str, *, begin_anew: bool = False) -> None:
        async with self._database.unit_of_work() as session:
            row = await repository.find_feed(session, feed.project_id, feed.resource, lock=True)
            if row is None:
                return
            row.problem = problem[:500]
            if begin_anew:
                row.cursor = repository.since(self._clock.now())


def _asked(resource: str, cursor: str) -> dict[str, Any]:
    asked: dict[str, Any] = {"bk_resource": resource, "wait_seconds": WAIT_SECONDS}
    if cursor.startswith(repository.SINCE):
        return {**asked, "bk_start_from": int(cursor.removeprefix(repository.SINCE))}
    return {**asked, "bk_cursor": cursor}


def _events(answer: Any) -> list[dict[str, Any]]:
    """Raises ComponentRefused: it is no answer of this component."""
    events = answer.get("bk_events") if isinstance(answer, dict) else None
    wanted = {"bk_cursor", "bk_event_type", "bk_detail"}
    if not isinstance(events, list) or not all(isinstance(each, dict) and wanted <= each.keys() for each in events):
        raise ComponentRefused(f"{WATCH} answered what are no events")
    return events
