"""Sending what waits: in the background, by whichever process comes first."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from kernel.clock import Clock
from kernel.db.database import Database
from kernel.retrying import next_attempt
from kernel.secrets import SecretBox, SecretUnreadable
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from kernel.webhooks.outgoing import any_due, claim_due
from kernel.webhooks.posting import Outcome, post
from marketplace.webhooks.models import CatalogueDeliveryRow
from marketplace.webhooks.repository import find_delivery, find_webhook, forget_deliveries
from marketplace.webhooks.service import SECRET_PURPOSE

_AT_ONCE = 10
_LEASE = timedelta(seconds=120)
_KEPT = timedelta(days=30)


class CatalogueWebhookSender:
    """Sends each message until it is answered with 2xx, ten times at most. A message may arrive twice."""

    def __init__(self, database: Database, secrets: SecretBox, policy: AddressPolicy, clock: Clock) -> None:
        self._database = database
        self._secrets = secrets
        self._policy = policy
        self._clock = clock

    async def send_due(self) -> bool:
        """One round; answers whether there was anything."""
        now = self._clock.now()
        async with self._database.reading() as session:
            if not await any_due(session, CatalogueDeliveryRow, now):
                return False
        async with self._database.unit_of_work() as session:
            claimed = await claim_due(session, CatalogueDeliveryRow, now, now + _LEASE, _AT_ONCE)
            await forget_deliveries(session, now - _KEPT)
        client = TransportClient(self._policy)
        try:
            await asyncio.gather(*(self._send_in_order(client, waiting) for waiting in _by_webhook(claimed)))
        finally:
            await client.aclose()
        return True

    async def _send_in_order(self, client: TransportClient, waiting: list[CatalogueDeliveryRow]) -> None:
        """In the order in which things happened: a slow receiver keeps no other waiting."""
        for delivery in waiting:
            outcome = await self._send(client, delivery)
            async with self._database.unit_of_work() as session:
                row = await find_delivery(session, delivery.id, lock=True)
                if row is not None:
                    now = self._clock.now()
                    row.settle(outcome, now, next_attempt(row.attempts, now))

    async def _send(self, client: TransportClient, delivery: CatalogueDeliveryRow) -> Outcome:
        async with self._database.reading() as session:
            webhook = await find_webhook(session, delivery.webhook_id)
        if webhook is None or not webhook.enabled:
            return Outcome(None, "the webhook is disabled")
        try:
            secret = self._secrets.open(webhook.sealed_secret, SECRET_PURPOSE).decode()
        except SecretUnreadable as error:
            return Outcome(None, str(error)[:500])
        return await post(client, webhook.url, secret, delivery.id, delivery.message, self._clock.now())


def _by_webhook(claimed: Iterable[CatalogueDeliveryRow]) -> list[list[CatalogueDeliveryRow]]:
    found: defaultdict[str, list[CatalogueDeliveryRow]] = defaultdict(list)
    for delivery in claimed:
        found[delivery.webhook_id].append(delivery)
    return list(found.values())
