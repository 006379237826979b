"""Sending what waits, as mails of the notification system: through the gateway, as an app that was granted it."""

from datetime import timedelta
from typing import Final, Protocol

from gateway.access.notices.models import Notice
from gateway.access.notices.repository import any_due, claim_due, put_off, remove_given_up, remove_notice
from gateway.identity.users.repository import find_user
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.retrying import next_attempt

_AT_ONCE: Final = 20
_LEASE: Final = timedelta(seconds=120)
_KEPT: Final = timedelta(days=30)


class Unsent(Exception):
    """The notification system can't be asked, or refuses. The message is for people."""


class Mailer(Protocol):
    async def send(self, notice: Notice, address: str) -> None:
        """`address`: empty leaves it to the notification system to know that of the user. Raises Unsent."""

    async def aclose(self) -> None: ...


class NoticeSender:
    """Sends each notice until it is taken, ten times at most, in two days."""

    def __init__(self, database: Database, mailer: Mailer, clock: Clock) -> None:
        self._database = database
        self._mailer = mailer
        self._clock = clock

    async def aclose(self) -> None:
        await self._mailer.aclose()

    async def send_due(self) -> bool:
        """One round; answers whether there was anything."""
        now = self._clock.now()
        async with self._database.reading() as session:
            if not await any_due(session, now):
                return False
        async with self._database.unit_of_work() as session:
            claimed = await claim_due(session, now, now + _LEASE, _AT_ONCE)
            await remove_given_up(session, now - _KEPT)
        for notice in claimed:
            await self._send(notice)
        return True

    async def _send(self, notice: Notice) -> None:
        async with self._database.reading() as session:
            user = await find_user(session, notice.username)
        problem = ""
        if user is not None and user.is_active:
            try:
                await self._mailer.send(notice, user.email or "")
            except Unsent as error:
                problem = str(error)[:500]
        async with self._database.unit_of_work() as session:
            if problem:
                await put_off(session, notice.id, next_attempt(notice.attempts, self._clock.now()), problem)
            else:
                await remove_notice(session, notice.id)
