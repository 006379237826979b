"""Keeps what was called: takes the data plane's counts off the road and adds them to the day."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog

from gateway.dataplane.usage import UsageCount
from gateway.usage import repository
from kernel.background import Repeating
from kernel.clock import Clock
from kernel.db.database import Database

_log = structlog.get_logger()

RECORD_SECONDS = 5.0
KEPT_DAYS = 100
_FORGET_SECONDS = 3600.0
_ROWS_AT_ONCE = 500
_MOST_WAITING = 100_000


class UsageRecorder:
    """While the database is away the counts wait, up to a bound; what is over it is lost, and that is logged.

    Args:
        take: the data plane's counts since it was asked last.
    """

    def __init__(self, database: Database, clock: Clock, take: Callable[[], list[UsageCount]]) -> None:
        self._database = database
        self._clock = clock
        self._take = take
        self._waiting: dict[tuple[str, str, str, str, str], tuple[int, int]] = {}
        self._background = (
            Repeating("usage recorder", RECORD_SECONDS, self.record),
            Repeating("usage retention", _FORGET_SECONDS, self._forget, at_once=False),
        )

    async def start(self) -> None:
        for part in self._background:
            part.start()

    async def stop(self) -> None:
        """Records what was counted last."""
        for part in self._background:
            await part.stop()
        try:
            await self.record()
        except Exception as error:  # noqa: BLE001  whatever the database raises: the process ends all the same
            _log.error("usage_not_recorded", reason=str(error), counts=len(self._waiting))

    async def record(self) -> bool:
        """Writes what was counted since the last time; what can't be written waits for the next."""
        self._wait_for(self._take())
        while self._waiting:
            keys = list(self._waiting)[:_ROWS_AT_ONCE]
            counts = [UsageCount(*key, *self._waiting[key]) for key in keys]
            async with self._database.unit_of_work() as session:
                await repository.add_counts(session, self._clock.now().date(), counts)
            for key in keys:
                del self._waiting[key]
        return False

    def _wait_for(self, counts: Sequence[UsageCount]) -> None:
        waiting = self._waiting
        lost = 0
        for count in counts:
            key = (count.system, count.stage, count.release, count.component, count.app_code)
            if key not in waiting and len(waiting) >= _MOST_WAITING:
                lost += count.calls
                continue
            before = waiting.get(key, (0, 0))
            waiting[key] = (before[0] + count.calls, before[1] + count.errors)
        if lost:
            _log.error("usage_lost", calls=lost)

    async def _forget(self) -> bool:
        async with self._database.unit_of_work() as session:
            await repository.forget_before(session, self._clock.now().date() - timedelta(days=KEPT_DAYS))
        return False
