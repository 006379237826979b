"""Sending what waits to be told of the catalogue."""

from datetime import timedelta
from typing import Final

from kernel.clock import Clock
from kernel.db.database import Database
from kernel.retrying import next_attempt
from kernel.secrets import SecretBox, SecretUnreadable
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from kernel.webhooks.posting import Outcome, post
from kernel.webhooks.sending import Pace, SendingRounds
from marketplace.webhooks.models import CatalogueDeliveryRow
from marketplace.webhooks.repository import find_webhook, forget_deliveries
from marketplace.webhooks.service import SECRET_PURPOSE

_PACE: Final[Pace[CatalogueDeliveryRow]] = Pace(
    at_once=10,
    lease=timedelta(seconds=120),
    following=lambda delivery, now: next_attempt(delivery.attempts, now),
)
_KEPT: Final = timedelta(days=30)


class CatalogueWebhookSender:
    """Sends each message until it is answered with 2xx, ten times at most, in the order in which things happened."""

    def __init__(self, database: Database, secrets: SecretBox, policy: AddressPolicy, clock: Clock) -> None:
        self._database = database
        self._secrets = secrets
        self._clock = clock
        self._rounds = SendingRounds(
            CatalogueDeliveryRow, database, policy, clock, _PACE, lane=lambda delivery: delivery.webhook_id
        )

    async def send_due(self) -> bool:
        """One round; answers whether there was anything."""
        if not await self._rounds.send_due(self._send):
            return False
        async with self._database.unit_of_work() as session:
            await forget_deliveries(session, self._clock.now() - _KEPT)
        return True

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
