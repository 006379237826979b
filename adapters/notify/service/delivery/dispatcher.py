"""What has to be sent although nobody asks for it now: what waits for another attempt, and what a dead process left."""

import asyncio
from datetime import timedelta

from adapters.notify.service.delivery.courier import Courier
from adapters.notify.service.delivery.lease import Leases
from adapters.notify.service.delivery.pacing import Pacer
from adapters.notify.service.delivery.repeats import RepeatGuard
from adapters.notify.service.models import Message
from adapters.notify.service.repository import NotifyRepository
from kernel.background import Repeating
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.looks import when_changed

_LOOK_SECONDS = 1.0
_FORGET_SECONDS = 600.0
_AT_ONCE = 16
_FORGOTTEN_AT_ONCE = 500


class Dispatcher:
    """Sends due messages, and forgets old ones.

    Args:
        days: for how long messages and their deliveries stay on record.
    """

    def __init__(
        self,
        database: Database,
        repository: NotifyRepository,
        courier: Courier,
        leases: Leases,
        repeats: RepeatGuard,
        clock: Clock,
        days: int,
    ) -> None:
        self._database = database
        self._repository = repository
        self._courier = courier
        self._leases = leases
        self._repeats = repeats
        self._pacer = Pacer()
        self._clock = clock
        self._kept = timedelta(days=days)
        self._loops = (
            Repeating("notify delivery", _LOOK_SECONDS, when_changed(database, self.send_due)),
            Repeating("notify forgetting", _FORGET_SECONDS, self.forget_old, at_once=False),
        )

    async def start(self) -> None:
        for loop in self._loops:
            loop.start()

    async def stop(self) -> None:
        for loop in self._loops:
            await loop.stop()

    async def send_due(self) -> bool:
        """One round; true when there may be more."""
        async with self._database.reading() as session:
            seen = await self._repository.due_messages(session, self._clock.now(), _AT_ONCE)
        taken = [message.id for message in seen if self._leases.is_free(message) and await self._take(message)]
        await asyncio.gather(*(self._courier.carry_out(message_id) for message_id in taken))
        return len(taken) == _AT_ONCE

    async def forget_old(self) -> bool:
        """Removes what is settled and older than it is kept; true when there may be more."""
        now = self._clock.now()
        async with self._database.unit_of_work() as session:
            forgotten = await self._repository.forget_settled(session, now - self._kept, _FORGOTTEN_AT_ONCE)
            await self._repeats.forget_old(session, now)
            await self._pacer.forget(session, now)
        return forgotten == _FORGOTTEN_AT_ONCE

    async def _take(self, message: Message) -> bool:
        async with self._database.unit_of_work() as session:
            return await self._courier.take(session, message)
