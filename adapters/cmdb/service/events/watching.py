"""Events from a cursor on, with patience: an answer comes at once when there are any, otherwise when one happens."""

import time
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.cmdb.service.errors import CursorTooOld, ParameterWrong
from adapters.cmdb.service.events.bell import Bell, heard
from adapters.cmdb.service.events.models import InventoryEvent
from adapters.cmdb.service.events.repository import EventRepository
from adapters.cmdb.service.events.schemas import MOST_EVENTS, ResourceWatch
from kernel.db.database import Database
from kernel.envelope import success
from kernel.http.component_app import Call

_LOOK_SECONDS = 1.0
_MOST_WAITING = 200
"""Whoever comes beyond them gets his answer at once."""


class EventWatcher:
    def __init__(self, database: Database, repository: EventRepository, bell: Bell) -> None:
        self._database = database
        self._repository = repository
        self._bell = bell
        self._waiting = 0

    async def resource_watch(self, call: Call[ResourceWatch]) -> dict[str, Any]:
        """Raises:
        CursorTooOld: events after the cursor are no longer kept.
        ParameterWrong: both a cursor and a time.
        """
        asked = call.params
        async with self._database.reading() as session:
            position = await self._position(session, asked)
        patience = asked.wait_seconds if self._waiting < _MOST_WAITING else 0
        deadline = time.monotonic() + patience
        self._waiting += 1
        try:
            while True:
                ring = self._bell.next_ring()
                head, events = await self._look(asked, position)
                left = deadline - time.monotonic()
                if events or left <= 0:
                    return success(_answer(asked, head, events))
                position = head
                await heard(ring, min(_LOOK_SECONDS, left))
        finally:
            self._waiting -= 1

    async def _position(self, session: AsyncSession, asked: ResourceWatch) -> int:
        if asked.bk_cursor and asked.bk_start_from is not None:
            raise ParameterWrong("bk_start_from", "can't stand beside bk_cursor; send one of the two")
        head = await self._repository.head(session)
        if asked.bk_start_from is not None:
            moment = datetime.fromtimestamp(asked.bk_start_from, UTC)
            return await self._repository.before(session, moment)
        if not asked.bk_cursor:
            return head
        position = int(asked.bk_cursor)
        tail = await self._repository.tail(session)
        if position > head:
            raise ParameterWrong("bk_cursor", "is none that was ever given; begin without one")
        if 0 < position < tail - 1:
            raise CursorTooOld("Events after this cursor are no longer kept; read the inventory, then begin anew")
        return position

    async def _look(self, asked: ResourceWatch, position: int) -> tuple[int, list[InventoryEvent]]:
        """How far was looked, and what was found."""
        async with self._database.reading() as session:
            head = await self._repository.head(session)
            if head <= position:
                return position, []
            found = await self._repository.after(
                session, position, head, (asked.bk_resource,), asked.bk_event_types, MOST_EVENTS
            )
            return head, list(found)


def _answer(asked: ResourceWatch, head: int, events: list[InventoryEvent]) -> dict[str, Any]:
    if not events:
        nothing = _event(asked, head, "", None)
        return {"bk_watched": False, "bk_events": [nothing]}
    told = [_event(asked, event.id, event.event_type, _narrowed(event.detail, asked.bk_fields)) for event in events]
    return {"bk_watched": True, "bk_events": told}


def _event(asked: ResourceWatch, cursor: int, event_type: str, detail: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "bk_cursor": str(cursor), "bk_resource": asked.bk_resource, "bk_event_type": event_type, "bk_detail": detail,
    }  # fmt: skip


def _narrowed(detail: dict[str, Any], wanted: list[str]) -> dict[str, Any]:
    return {name: detail[name] for name in wanted if name in detail} if wanted else detail
