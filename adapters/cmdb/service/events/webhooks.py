"""Who is told of events by webhook."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.cmdb.service.errors import InUse, Missing
from adapters.cmdb.service.events import schemas
from adapters.cmdb.service.events.models import EventWebhook
from adapters.cmdb.service.events.repository import EventRepository
from adapters.cmdb.service.outbound import checked_address
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.http.signed_only import SignedCaller
from kernel.secrets import SecretBox
from kernel.signing.standard_webhooks import new_secret
from kernel.transport.addresses import AddressPolicy

SECRET_PURPOSE: Final = "inventory event webhook"  # noqa: S105  a purpose, not a secret
_MOST = 20


class WebhookService:
    def __init__(self, repository: EventRepository, secrets: SecretBox, policy: AddressPolicy, clock: Clock) -> None:
        self._repository = repository
        self._secrets = secrets
        self._policy = policy
        self._clock = clock

    async def create(self, session: AsyncSession, caller: SignedCaller, asked: schemas.CreateWebhook) -> Any:
        """It hears of what happens from now on."""
        if len(await self._repository.webhooks(session)) >= _MOST:
            raise InUse(f"There are {_MOST} webhooks already; delete one that nobody uses")
        secret, now = new_secret(), self._clock.now()
        webhook = EventWebhook(
            url=await checked_address(self._policy, asked.url, "url"),
            sealed_secret=self._secrets.seal(secret.encode(), SECRET_PURPOSE),
            resources=list(asked.resources),
            event_types=list(asked.event_types),
            position=await self._repository.head(session),
            next_attempt_at=now,
            created_by=caller.user or caller.app,
            created_at=now,
        )
        session.add(webhook)
        await session.flush()
        record(session, caller.principal, "cmdb_webhook.created", "cmdb_webhook", webhook.id, after=_facts(webhook))
        return {"id": webhook.id, "secret": secret}

    async def update(self, session: AsyncSession, caller: SignedCaller, asked: schemas.UpdateWebhook) -> Any:
        """Enabled again, it is told what it missed, as far as that is kept."""
        webhook = await self._webhook(session, asked.id)
        before = _facts(webhook)
        if asked.url is not None:
            webhook.url = await checked_address(self._policy, asked.url, "url")
        for name in ("resources", "event_types", "enabled"):
            if (value := getattr(asked, name)) is not None:
                setattr(webhook, name, value)
        # Whatever kept it from being told may be mended by this: the next attempt is now.
        webhook.next_attempt_at = self._clock.now()
        secret = new_secret() if asked.rotate_secret else ""
        if secret:
            webhook.sealed_secret = self._secrets.seal(secret.encode(), SECRET_PURPOSE)
        after = {**_facts(webhook), "secret_rotated": asked.rotate_secret}
        record(
            session, caller.principal, "cmdb_webhook.updated", "cmdb_webhook", webhook.id, before=before, after=after
        )
        return {"id": webhook.id, "secret": secret}

    async def delete(self, session: AsyncSession, caller: SignedCaller, asked: schemas.OfWebhook) -> Any:
        webhook = await self._webhook(session, asked.id)
        record(session, caller.principal, "cmdb_webhook.deleted", "cmdb_webhook", webhook.id, before=_facts(webhook))
        await session.delete(webhook)
        return {}

    async def list(self, session: AsyncSession, _caller: SignedCaller, _asked: schemas.ListWebhooks) -> Any:
        head = await self._repository.head(session)
        return [_shown(webhook, head) for webhook in await self._repository.webhooks(session)]

    async def _webhook(self, session: AsyncSession, webhook_id: str) -> EventWebhook:
        found = await session.get(EventWebhook, webhook_id, with_for_update=True)
        if found is None:
            raise Missing(f"There is no webhook {webhook_id}")
        return found


def _facts(webhook: EventWebhook) -> dict[str, Any]:
    return {
        "url": webhook.url, "resources": webhook.resources, "event_types": webhook.event_types,
        "enabled": webhook.enabled,
    }  # fmt: skip


def _shown(webhook: EventWebhook, head: int) -> dict[str, Any]:
    return {
        "id": webhook.id,
        **_facts(webhook),
        "cursor": str(webhook.position),
        "waiting": max(0, head - webhook.position),
        "attempts": webhook.attempts,
        "status": webhook.status,
        "problem": webhook.problem,
        "created_by": webhook.created_by,
        "created_time": _text(webhook.created_at),
        "delivered_time": _text(webhook.delivered_at) if webhook.delivered_at is not None else None,
    }


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
