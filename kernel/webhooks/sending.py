"""Rounds in which what waits in a table is sent, by whichever process comes first."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic

from kernel.clock import Clock
from kernel.db.database import Database
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from kernel.webhooks.outgoing import Message, any_due, claim_due
from kernel.webhooks.posting import Outcome

Send = Callable[[TransportClient, Message], Awaitable[Outcome]]
"""Sends one message, by a client that lives as long as the round."""


@dataclass(frozen=True, slots=True)
class Pace(Generic[Message]):
    """Attributes:
    at_once: most messages of a round.
    lease: how long a round has them; what it left by then is sent by another.
    following: when a message is tried again of which the last attempt failed; none gives it up.
    """

    at_once: int
    lease: timedelta
    following: Callable[[Message, datetime], datetime | None]


class SendingRounds(Generic[Message]):
    """A message may arrive twice, with the same id: whoever sent it may die before that is noted.

    Args:
        policy: which addresses are dialled.
        lane: messages of one lane are sent one after the other, as they were written; no lane waits for another.
    """

    def __init__(
        self,
        table: type[Message],
        database: Database,
        policy: AddressPolicy,
        clock: Clock,
        pace: Pace[Message],
        lane: Callable[[Message], str],
    ) -> None:
        self._table = table
        self._database = database
        self._policy = policy
        self._clock = clock
        self._pace = pace
        self._lane = lane

    async def send_due(self, send: Send[Message]) -> bool:
        """One round; answers whether there was anything.

        What `send` raises stops its lane alone, and is raised once the others are done.
        """
        now = self._clock.now()
        async with self._database.reading() as session:
            if not await any_due(session, self._table, now):
                return False
        async with self._database.unit_of_work() as session:
            claimed = await claim_due(session, self._table, now, now + self._pace.lease, self._pace.at_once)
        client = TransportClient(self._policy)
        try:
            lanes = (self._send_in_order(client, send, waiting) for waiting in self._by_lane(claimed))
            ended = await asyncio.gather(*lanes, return_exceptions=True)
        finally:
            await client.aclose()
        for error in ended:
            if error is not None:
                raise error
        return True

    async def _send_in_order(self, client: TransportClient, send: Send[Message], waiting: Sequence[Message]) -> None:
        for message in waiting:
            await self._note(message, await send(client, message))

    async def _note(self, message: Message, outcome: Outcome) -> None:
        """A failure counts for nothing once somebody else has the message, or has asked for it to be sent again."""
        async with self._database.unit_of_work() as session:
            row = await session.get(self._table, message.id, populate_existing=True, with_for_update=True)
            if row is None or (outcome.problem and row.attempts != message.attempts):
                return
            now = self._clock.now()
            row.settle(outcome, now, self._pace.following(row, now))

    def _by_lane(self, claimed: Iterable[Message]) -> list[list[Message]]:
        found: defaultdict[str, list[Message]] = defaultdict(list)
        for message in claimed:
            found[self._lane(message)].append(message)
        return list(found.values())
