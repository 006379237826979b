"""Sending what waits: to people by the notification system, through the gateway and as the task's project; to addresses
signed, and checked each time.
"""

import asyncio
from datetime import timedelta
from typing import Final

from kernel.clock import Clock
from kernel.contracts.component_caller import ComponentAway, ComponentCall, ComponentCaller, ComponentRefused
from kernel.db.database import Database
from kernel.secrets import SecretBox, SecretUnreadable
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from kernel.webhooks.outgoing import any_due, claim_due
from kernel.webhooks.posting import Outcome, post
from orchestrator.notices import repository
from orchestrator.notices.models import Notice

NOTIFY: Final = "notify.notify_users"
"""The component that tells people; the project's service app needs a grant on it."""
SECRET_PURPOSE: Final = "task webhook"  # noqa: S105  a purpose, not a secret
PAUSES: Final = (10, 60, 300, 1800, 7200)
"""Seconds before each repetition; after the last it is given up."""

_AT_ONCE: Final = 20
_LEASE: Final = timedelta(seconds=60)
_PART: Final = "task-notices"


class NoticeSender:
    def __init__(
        self, database: Database, components: ComponentCaller, secrets: SecretBox, policy: AddressPolicy, clock: Clock
    ) -> None:
        self._database = database
        self._components = components
        self._secrets = secrets
        self._policy = policy
        self._clock = clock

    async def send_due(self) -> bool:
        """One round; answers whether there was anything. A notice may arrive twice, with the same id."""
        now = self._clock.now()
        async with self._database.reading() as session:
            if not await any_due(session, Notice, now):
                return False
        async with self._database.unit_of_work() as session:
            claimed = await claim_due(session, Notice, now, now + _LEASE, _AT_ONCE)
        client = TransportClient(self._policy)
        try:
            await asyncio.gather(*(self._send(client, notice) for notice in claimed))
        finally:
            await client.aclose()
        return True

    async def _send(self, client: TransportClient, notice: Notice) -> None:
        if notice.kind == "people":
            outcome = Outcome(None, await self._to_people(notice))
        else:
            outcome = await self._to_address(client, notice)
        async with self._database.unit_of_work() as session:
            row = await repository.find_notice(session, notice.id, lock=True)
            if row is None:
                return
            now = self._clock.now()
            repeated = row.attempts <= len(PAUSES)
            row.settle(outcome, now, now + timedelta(seconds=PAUSES[row.attempts - 1]) if repeated else None)

    async def _to_people(self, notice: Notice) -> str:
        """What was wrong; empty when nothing was."""
        told = {
            "receiver__username": notice.receivers,
            "title": notice.title,
            "content": notice.content,
            "body_format": "Text",
        }
        call = ComponentCall(
            NOTIFY, told, notice.project_id, notice.sender, notice.task_id or _PART, idempotency_key=notice.id
        )
        try:
            await self._components.call(call)
        except (ComponentRefused, ComponentAway) as error:
            return str(error)[:500] or "it can't be reached"
        return ""

    async def _to_address(self, client: TransportClient, notice: Notice) -> Outcome:
        async with self._database.reading() as session:
            settings = await repository.find_settings(session, notice.flow_id)
        if settings is None or not settings.sealed_secret:
            return Outcome(None, "the flow has no secret to sign with any more")
        try:
            secret = self._secrets.open(settings.sealed_secret, SECRET_PURPOSE).decode()
        except SecretUnreadable as error:
            return Outcome(None, str(error)[:500])
        return await post(client, notice.url, secret, notice.id, notice.message, self._clock.now())
