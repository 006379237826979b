"""Sends events to webhooks in the background: in their order, each until it is taken, so that one may arrive twice."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.cmdb.service.events.models import EventWebhook, InventoryEvent
from adapters.cmdb.service.events.repository import EventRepository
from adapters.cmdb.service.events.webhooks import SECRET_PURPOSE
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.secrets import SecretBox, SecretUnreadable
from kernel.signing.standard_webhooks import sign
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from kernel.transport.errors import TransportError
from kernel.transport.limits import Timeouts

KEPT: Final = timedelta(days=7)
"""How long events are kept for those who come back, webhooks among them."""

_AT_ONCE = 10
_MOST_IN_A_MESSAGE = 100
_LEASE = timedelta(seconds=60)
_LONGEST_ANSWER = 64 * 1024
_TIMEOUTS = Timeouts(connect=3.0, read=10.0, total=10.0)
_PAUSES: Final = (5, 30, 120, 600, 1800)
"""Seconds between one attempt and the next; the last of them for ever."""
_SUCCESS: Final = range(200, 300)


@dataclass(frozen=True, slots=True)
class _Message:
    webhook: EventWebhook
    body: bytes

    @property
    def id(self) -> str:
        return f"{self.webhook.id}-{self.webhook.reaching}"


class EventSender:
    def __init__(
        self, database: Database, repository: EventRepository, secrets: SecretBox, policy: AddressPolicy, clock: Clock
    ) -> None:
        self._database = database
        self._repository = repository
        self._secrets = secrets
        self._policy = policy
        self._clock = clock

    async def send_due(self) -> bool:
        """One message to each webhook that waits for one; answers whether there was any."""
        async with self._database.reading() as session:
            if not await self._repository.any_due(session, self._clock.now()):
                return False
        async with self._database.unit_of_work() as session:
            due = await self._repository.due(session, self._clock.now(), _AT_ONCE)
            claimed = [await self._claimed(session, webhook) for webhook in due]
        messages = [message for message in claimed if message is not None]
        client = TransportClient(self._policy)
        try:
            await asyncio.gather(*(self._deliver(client, message) for message in messages))
        finally:
            await client.aclose()
        return bool(claimed)

    async def remove_old(self) -> bool:
        """Forgets events that nobody can ask for any more."""
        async with self._database.unit_of_work() as session:
            await self._repository.remove_before(session, self._clock.now() - KEPT)
        return False

    async def _claimed(self, session: AsyncSession, webhook: EventWebhook) -> _Message | None:
        """The message that is under way, or the next; none when no event after its position is for it."""
        head = await self._repository.head(session)
        until = webhook.reaching or head
        events = await self._repository.after(
            session, webhook.position, until, webhook.resources, webhook.event_types, _MOST_IN_A_MESSAGE
        )
        if not events:
            webhook.position, webhook.reaching, webhook.attempts = until, 0, 0
            return None
        webhook.reaching = events[-1].id
        webhook.attempts += 1
        webhook.next_attempt_at = self._clock.now() + _LEASE
        return _Message(webhook, _body(events))

    async def _deliver(self, client: TransportClient, message: _Message) -> None:
        status, problem = await self._post(client, message)
        async with self._database.unit_of_work() as session:
            webhook = await session.get(EventWebhook, message.webhook.id, with_for_update=True, populate_existing=True)
            if webhook is None or webhook.reaching != message.webhook.reaching:
                return
            now = self._clock.now()
            webhook.status, webhook.problem = status, problem
            if problem:
                pause = _PAUSES[min(webhook.attempts, len(_PAUSES)) - 1]
                webhook.next_attempt_at = now + timedelta(seconds=pause)
                return
            webhook.position, webhook.reaching, webhook.attempts = webhook.reaching, 0, 0
            webhook.next_attempt_at = webhook.delivered_at = now

    async def _post(self, client: TransportClient, message: _Message) -> tuple[int | None, str]:
        """The answer's status, and what was wrong; empty when nothing was."""
        try:
            secret = self._secrets.open(message.webhook.sealed_secret, SECRET_PURPOSE).decode()
            proof = sign(secret, message.id, int(self._clock.now().timestamp()), message.body)
            headers = [(b"content-type", b"application/json"), (b"user-agent", b"trunkline-webhook")]
            headers += [(name.encode(), value.encode()) for name, value in proof.items()]
            answer = await client.request(
                "POST", message.webhook.url, headers=headers, body=message.body, timeouts=_TIMEOUTS
            )
            await answer.read(_LONGEST_ANSWER)
        except (TransportError, SecretUnreadable) as error:
            return None, str(error)[:500]
        return answer.status, "" if answer.status in _SUCCESS else f"answered {answer.status}"


def _body(events: Sequence[InventoryEvent]) -> bytes:
    told = {"type": "cmdb.changed", "data": {"events": [_told(event) for event in events]}}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _told(event: InventoryEvent) -> dict[str, Any]:
    return {
        "bk_cursor": str(event.id),
        "bk_resource": event.resource,
        "bk_event_type": event.event_type,
        "bk_detail": event.detail,
        "changed_fields": event.changed_fields,
        "request_id": event.request_id,
        "time": event.at.isoformat().replace("+00:00", "Z"),
    }
