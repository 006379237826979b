"""What is written down on both sides of handing a message over: one attempt begun, one attempt ended."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from random import random

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.notify.service.counting import DeliveryCounts
from adapters.notify.service.delivery.repeats import RepeatGuard
from adapters.notify.service.delivery.retry import pause
from adapters.notify.service.delivery.states import FAILED, HANDING_OVER, SENT, UNKNOWN, WAITING, WRONG
from adapters.notify.service.models import Attempt, Delivery, Message
from adapters.notify.service.repository import NotifyRepository
from adapters.notify.service.transports.outcome import Ending, Outcome
from kernel.clock import Clock
from kernel.db.database import after_commit

_LONGEST = 1000


class Journal:
    def __init__(
        self, repository: NotifyRepository, repeats: RepeatGuard, counts: DeliveryCounts, clock: Clock
    ) -> None:
        self._repository = repository
        self._repeats = repeats
        self._counts = counts
        self._clock = clock

    async def begin(self, session: AsyncSession, deliveries: Sequence[Delivery]) -> None:
        """From here on the other side may have the message: a crash before leaves it certainly unsent."""
        now = self._clock.now()
        for one in deliveries:
            one.state = HANDING_OVER
            one.attempts += 1
            one.tries_left -= 1
            await self._repository.write(session, one)
            session.add(Attempt(delivery_id=one.id, number=one.attempts, state=HANDING_OVER, started_at=now))

    async def end(
        self, session: AsyncSession, message: Message, outcomes: Mapping[str, Outcome], deliveries: Sequence[Delivery]
    ) -> None:
        """Writes down how each ended; an attempt that came to an end before it could begin is written here too.

        Args:
            outcomes: by the delivery's id.
        """
        for one in deliveries:
            outcome = outcomes[one.id]
            if one.state != HANDING_OVER:
                await self.begin(session, [one])
            await self._close_attempt(session, one, outcome)
            self._settle(one, outcome)
            await self._repository.write(session, one)
            if one.state in WRONG:
                await self._repeats.forget(session, one.id)
            after_commit(session, partial(self._counts.add, message.msg_type, one.state))

    async def hold(self, session: AsyncSession, delivery: Delivery, until: datetime) -> None:
        """Has a delivery wait for its turn; that is no attempt."""
        delivery.state = WAITING
        delivery.next_at = until
        await self._repository.write(session, delivery)

    async def interrupted(self, session: AsyncSession, deliveries: Sequence[Delivery]) -> None:
        """Ends the attempts of a sender that died in the middle of them."""
        outcome = Outcome(Ending.UNKNOWN, "the process that was sending ended")
        for one in deliveries:
            await self._close_attempt(session, one, outcome)
            one.state = WAITING
            one.tries_left = max(one.tries_left, 1)
            await self._repository.write(session, one)

    def _settle(self, one: Delivery, outcome: Outcome) -> None:
        now = self._clock.now()
        one.error = "" if outcome.ending is Ending.SENT else outcome.detail[:_LONGEST]
        if outcome.ending in {Ending.LATER, Ending.UNKNOWN} and one.tries_left > 0:
            one.state = WAITING
            one.next_at = now + pause(one.attempts, random())  # noqa: S311  spreads load, guards nothing
            return
        one.state = {Ending.SENT: SENT, Ending.UNKNOWN: UNKNOWN}.get(outcome.ending, FAILED)
        one.next_at, one.finished_at = None, now

    async def _close_attempt(self, session: AsyncSession, one: Delivery, outcome: Outcome) -> None:
        for attempt in await self._repository.open_attempts(session, one.id):
            attempt.state = outcome.ending.value
            attempt.detail = outcome.detail[:_LONGEST]
            attempt.finished_at = self._clock.now()
