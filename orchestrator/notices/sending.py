"""Sending what waits: to people by the notification system, through the gateway and as the task's project; to addresses
signed, and checked each time.
"""

from datetime import datetime, timedelta
from typing import Final

from kernel.clock import Clock
from kernel.contracts.component_caller import ComponentAway, ComponentCall, ComponentCaller, ComponentRefused
from kernel.db.database import Database
from kernel.secrets import SecretBox, SecretUnreadable
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from kernel.webhooks.posting import Outcome, post, post_with
from kernel.webhooks.sending import Pace, SendingRounds
from orchestrator.notices import repository
from orchestrator.notices.headers import opened_headers
from orchestrator.notices.models import Notice

NOTIFY: Final = "notify.notify_users"
"""The component that tells people; the project's service app needs a grant on it."""
SECRET_PURPOSE: Final = "task webhook"  # noqa: S105  a purpose, not a secret
PAUSES: Final = (10, 60, 300, 1800, 7200)
"""Seconds before each repetition; after the last it is given up."""

_PART: Final = "task-notices"


def _following(notice: Notice, now: datetime) -> datetime | None:
    pauses = PAUSES if notice.pauses is None else notice.pauses
    return now + timedelta(seconds=pauses[notice.attempts - 1]) if notice.attempts <= len(pauses) else None


_PACE: Final[Pace[Notice]] = Pace(at_once=20, lease=timedelta(seconds=60), following=_following)


class NoticeSender:
    def __init__(
        self, database: Database, components: ComponentCaller, secrets: SecretBox, policy: AddressPolicy, clock: Clock
    ) -> None:
        self._database = database
        self._components = components
        self._secrets = secrets
        self._clock = clock
        self._rounds = SendingRounds(Notice, database, policy, clock, _PACE, lane=lambda notice: notice.id)

    async def send_due(self) -> bool:
        """One round; answers whether there was anything. A notice may arrive twice, with the same id."""
        return await self._rounds.send_due(self._send)

    async def _send(self, client: TransportClient, notice: Notice) -> Outcome:
        if notice.kind == "people":
            return Outcome(None, await self._to_people(notice))
        if notice.kind == repository.UNSIGNED:
            return await self._to_webhook(client, notice)
        return await self._to_address(client, notice)

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

    async def _to_webhook(self, client: TransportClient, notice: Notice) -> Outcome:
        async with self._database.reading() as session:
            webhook = await repository.find_webhook(session, notice.flow_id)
        if webhook is None or webhook.url != notice.url:
            return Outcome(None, "the flow has no such webhook any more")
        try:
            headers = opened_headers(webhook, self._secrets)
        except SecretUnreadable as error:
            return Outcome(None, str(error)[:500])
        return await post_with(client, notice.url, headers, notice.message, webhook.timeout)
