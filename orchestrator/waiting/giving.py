"""Gives nodes what they wait for: their turn at a lock, and events. Each time by one process, in one transaction."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.alarm import NOTHING_DUE
from kernel.clock import Clock
from kernel.db.database import Database, after_commit
from kernel.ids import new_id
from orchestrator.runtime.models import TaskMessage
from orchestrator.runtime.wake_ups.wake import Wake
from orchestrator.waiting import repository
from orchestrator.waiting.models import EventDelivery
from orchestrator.waiting.repository import EVENT, LOCK, Match
from orchestrator.waiting.turns import granted

LOOK_SECONDS: Final = 5.0
"""Between two looks where nothing was heard: what another process did is found so."""


class Giver:
    """Args:
    wake: tells the runtime that a task has something to do.
    """

    def __init__(self, database: Database, clock: Clock, wake: Wake) -> None:
        self._database = database
        self._clock = clock
        self._wake = wake

    async def look(self) -> float:
        """Gives what can be given now; answers after how many seconds to look again."""
        async with self._database.reading() as session:
            waits = await repository.any_waits(session)
        if waits:
            async with self._database.unit_of_work() as session:
                await repository.give_alone(session)
                await self._give_locks(session)
                await self.give_events(session, self._clock.now())
        return NOTHING_DUE

    async def give_events(self, session: AsyncSession, now: datetime) -> list[Match]:
        """What is there now, to all that wait; the caller has made sure to be alone."""
        found = await repository.matches(session, now)
        events = await repository.find_events(session, [match.event_id for match in found])
        for match in found:
            session.add(EventDelivery(event_id=match.event_id, task_id=match.task_id, node_id=match.node_id, at=now))
            self._send(session, match.task_id, match.run_id, EVENT, events[match.event_id].data)
        self._wake_later(session, (match.task_id for match in found))
        return found

    async def _give_locks(self, session: AsyncSession) -> None:
        turns = granted(await repository.claims(session))
        for claim in turns:
            self._send(session, claim.task_id, claim.run_id, LOCK, None)
        self._wake_later(session, (claim.task_id for claim in turns))

    def _send(self, session: AsyncSession, task_id: str, run_id: str, kind: str, data: dict[str, Any] | None) -> None:
        now = self._clock.now()
        session.add(TaskMessage(id=new_id(), task_id=task_id, run_id=run_id, kind=kind, data=data, created_at=now))

    def _wake_later(self, session: AsyncSession, tasks: Iterable[str]) -> None:
        for task_id in dict.fromkeys(tasks):
            after_commit(session, partial(self._wake, task_id))
