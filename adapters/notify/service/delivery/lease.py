"""Who sends a message: one process at a time, known to be at work by its signs of life."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.notify.service.delivery.outbox import LEASE
from adapters.notify.service.models import Message
from adapters.notify.service.repository import NotifyRepository
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.machine import ProcessIdentity, is_gone, this_process

_log = structlog.get_logger()
_SIGN_OF_LIFE_SECONDS = 5.0


class LeaseLost(Exception):
    """Another process took the message over from one that was silent for too long."""


class Leases:
    def __init__(self, database: Database, repository: NotifyRepository, clock: Clock) -> None:
        self._database = database
        self._repository = repository
        self._clock = clock
        self.me = str(this_process())

    def is_free(self, message: Message) -> bool:
        """Nobody sends it, or who did has died or was silent for too long."""
        if not message.owner or is_gone(ProcessIdentity.parse(message.owner)):
            return True
        return message.owned_until is not None and message.owned_until < self._clock.now()

    async def take(self, session: AsyncSession, seen: Message) -> bool:
        return await self._repository.take(session, seen, self.me, self._clock.now() + LEASE)

    async def check(self, session: AsyncSession, message_id: str) -> None:
        """Raises:
        LeaseLost: before anything is handed over that another process sends by now.
        """
        if not await self._repository.keep(session, message_id, self.me, self._clock.now() + LEASE):
            raise LeaseLost(message_id)

    @asynccontextmanager
    async def signs_of_life(self, message_id: str) -> AsyncIterator[None]:
        """Lets others know that this process is at work, however long an SMTP server takes."""
        done = asyncio.Event()
        beat = asyncio.create_task(self._beat(message_id, done))
        try:
            yield
        finally:
            done.set()
            await beat

    async def _beat(self, message_id: str, done: asyncio.Event) -> None:
        while True:
            try:
                await asyncio.wait_for(done.wait(), _SIGN_OF_LIFE_SECONDS)
            except TimeoutError:
                try:
                    async with self._database.unit_of_work() as session:
                        await self.check(session, message_id)
                except (SQLAlchemyError, LeaseLost) as error:
                    _log.warning("sign_of_life_failed", reason=type(error).__name__)
            else:
                return
