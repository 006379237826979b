"""Gives nodes what they wait for: their turn at a lock, and events. Each time by one process, in one transaction."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.alarm import NOTHING_DUE
from kernel.clock import Clock
from kernel.db.database import Database, after_commit
from orchestrator.runtime.wake_ups.wake import Wake
from orchestrator.waiting import repository
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
        await repository.note_deliveries(session, found, now)
        given = (repository.Given(match.task_id, match.run_id, events[match.event_id].data) for match in found)
        await repository.send(session, EVENT, given, self._clock.now())
        self._wake_later(session, (match.task_id for match in found))
        return found

    async def _give_locks(self, session: AsyncSession) -> None:
        turns = granted(await repository.claims(session))
        given = (repository.Given(claim.task_id, claim.run_id, None) for claim in turns)
        await repository.send(session, LOCK, given, self._clock.now())
        self._wake_later(session, (claim.task_id for claim in turns))

    def _wake_later(self, session: AsyncSession, tasks: Iterable[str]) -> None:
        for task_id in dict.fromkeys(tasks):
            after_commit(session, partial(self._wake, task_id))
