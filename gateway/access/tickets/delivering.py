"""Sending what waits: in the background, by whichever process comes first."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from gateway.access.tickets.models import TicketDelivery
from gateway.access.tickets.repository import any_due, claim_due, find_delivery, find_webhook, remove_deliveries_before
from gateway.access.tickets.service import WEBHOOK_SECRET
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.retrying import next_attempt
from kernel.secrets import SecretBox
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from kernel.webhooks.posting import Outcome, post

_AT_ONCE = 10
_LEASE = timedelta(seconds=120)
_KEPT = timedelta(days=30)


class TicketSender:
    """Sends each message until it is answered with 2xx, ten times at most. A message may arrive twice.

    Addresses inside the machine or its network are dialled only where an operator listed the exact origin.
    """

    def __init__(self, database: Database, secrets: SecretBox, allowed_origins: Iterable[str], clock: Clock) -> None:
        self._database = database
        self._secrets = secrets
        self._policy = AddressPolicy.allowing(allowed_origins)
        self._clock = clock

    async def send_due(self) -> bool:
        """One round; answers whether there was anything."""
        now = self._clock.now()
        async with self._database.reading() as session:
            if not await any_due(session, now):
                return False
        async with self._database.unit_of_work() as session:
            claimed = await claim_due(session, now, now + _LEASE, _AT_ONCE)
            await remove_deliveries_before(session, now - _KEPT)
        client = TransportClient(self._policy)
        try:
            await asyncio.gather(*(self._deliver_to_one(client, waiting) for waiting in _by_webhook(claimed)))
        finally:
            await client.aclose()
        return True

    async def _deliver_to_one(self, client: TransportClient, waiting: list[TicketDelivery]) -> None:
        """In the order in which things happened: a slow ticket system keeps no other waiting."""
        for delivery in waiting:
            await self._deliver(client, delivery)

    async def _deliver(self, client: TransportClient, delivery: TicketDelivery) -> None:
        async with self._database.reading() as session:
            webhook = await find_webhook(session, delivery.webhook_id)
        if webhook is None:
            return
        if webhook.enabled:
            secret = self._secrets.open(webhook.sealed_secret, WEBHOOK_SECRET).decode()
            outcome = await post(client, webhook.url, secret, delivery.id, delivery.message, self._clock.now())
        else:
            outcome = Outcome(None, "the webhook is disabled")
        await self._note(delivery, outcome)

    async def _note(self, claimed: TicketDelivery, outcome: Outcome) -> None:
        async with self._database.unit_of_work() as session:
            delivery = await find_delivery(session, claimed.webhook_id, claimed.id)
            if delivery is None:
                return
            now = self._clock.now()
            delivery.status, delivery.problem = outcome.status, outcome.problem
            if not outcome.problem:
                delivery.state, delivery.delivered_at = "delivered", now
            elif (following := next_attempt(delivery.attempts, now)) is not None:
                delivery.next_attempt_at = following
            else:
                delivery.state = "failed"


def _by_webhook(claimed: Iterable[TicketDelivery]) -> list[list[TicketDelivery]]:
    found: defaultdict[str, list[TicketDelivery]] = defaultdict(list)
    for delivery in claimed:
        found[delivery.webhook_id].append(delivery)
    return list(found.values())
