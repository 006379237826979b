from dataclasses import dataclass
from typing import Any, Final, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.tickets.models import TicketDelivery, TicketWebhook
from gateway.access.tickets.repository import (
    deliveries_page,
    find_delivery,
    find_webhook,
    remove_webhook,
    webhooks_of,
)
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.db.pages import PageOf, PageRequest
from kernel.errors import Conflict, NotFound, PermissionDenied
from kernel.principal import Principal
from kernel.secrets import SecretBox
from kernel.signing.standard_webhooks import new_secret

_MOST = 5

WEBHOOK_SECRET: Final = "ticket webhook secret"  # noqa: S105  a purpose, not a secret
"""What secrets of webhooks are sealed for."""


class Systems(Protocol):
    """Systems as those who manage them find them: implemented by gateway.registry."""

    async def managed(self, session: AsyncSession, principal: Principal, name: str) -> Any:
        """Raises NotFound, PermissionDenied."""
        ...


class Addresses(Protocol):
    """Which addresses may be dialled: implemented by gateway.registry."""

    async def check(self, url: str, field: str = ...) -> str:
        """The address; raises Invalid naming `field`."""
        ...


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """Attributes:
    secret: known only now.
    """

    record: TicketWebhook
    secret: str


class TicketWebhookService:
    """Where steps of applications are told: kept by those who manage the system, the platform's by administrators."""

    def __init__(
        self, authorizer: Authorizer, systems: Systems, addresses: Addresses, secrets: SecretBox, clock: Clock
    ) -> None:
        self._authorizer = authorizer
        self._systems = systems
        self._addresses = addresses
        self._secrets = secrets
        self._clock = clock

    async def browse(self, session: AsyncSession, principal: Principal, system: str | None) -> list[TicketWebhook]:
        """Of a system, or of the platform (`None`). Raises NotFound, PermissionDenied."""
        await self._require_keeper(session, principal, system)
        return await webhooks_of(session, system)

    async def create(self, session: AsyncSession, principal: Principal, system: str | None, url: str) -> NewWebhook:
        """Raises:
        NotFound: no such system.
        PermissionDenied: the caller doesn't manage it, or has a credential that makes no others.
        Invalid: an address that may not be dialled.
        Conflict: there are too many.
        """
        await self._require_keeper(session, principal, system)
        _require_whole(principal)
        address = await self._addresses.check(url, "url")
        if len(await webhooks_of(session, system)) >= _MOST:
            raise Conflict(f"There are {_MOST} webhooks already; remove one that nobody uses")
        secret = new_secret()
        webhook = TicketWebhook(
            system=system,
            url=address,
            sealed_secret=self._seal(secret),
            created_by=principal.id,
            created_at=self._clock.now(),
        )
        session.add(webhook)
        await session.flush()
        record(session, principal, "ticket_webhook.created", "ticket_webhook", webhook.id, after=_described(webhook))
        return NewWebhook(webhook, secret)

    async def change(
        self, session: AsyncSession, principal: Principal, webhook_id: str, *, url: str | None, enabled: bool | None
    ) -> TicketWebhook:
        """`None` keeps. Raises NotFound, PermissionDenied, Invalid."""
        webhook = await self._kept(session, principal, webhook_id)
        before = _described(webhook)
        if url is not None:
            webhook.url = await self._addresses.check(url, "url")
        if enabled is not None:
            webhook.enabled = enabled
        if (after := _described(webhook)) != before:
            record(
                session, principal, "ticket_webhook.changed", "ticket_webhook", webhook.id, before=before, after=after
            )
        return webhook

    async def rotate_secret(self, session: AsyncSession, principal: Principal, webhook_id: str) -> NewWebhook:
        """A new secret; the next message is signed with it. Raises NotFound, PermissionDenied."""
        webhook = await self._kept(session, principal, webhook_id)
        _require_whole(principal)
        secret = new_secret()
        webhook.sealed_secret = self._seal(secret)
        record(session, principal, "ticket_webhook.secret_changed", "ticket_webhook", webhook.id)
        return NewWebhook(webhook, secret)

    async def remove(self, session: AsyncSession, principal: Principal, webhook_id: str) -> None:
        """With what still waits to be sent to it. Raises NotFound, PermissionDenied."""
        webhook = await self._kept(session, principal, webhook_id)
        await remove_webhook(session, webhook.id)
        record(session, principal, "ticket_webhook.removed", "ticket_webhook", webhook.id, before=_described(webhook))

    async def deliveries(
        self, session: AsyncSession, principal: Principal, webhook_id: str, page: PageRequest
    ) -> PageOf[TicketDelivery]:
        """Newest first. Raises NotFound, PermissionDenied."""
        webhook = await self._kept(session, principal, webhook_id)
        return await deliveries_page(session, webhook.id, page)

    async def send_again(
        self, session: AsyncSession, principal: Principal, webhook_id: str, delivery_id: str
    ) -> TicketDelivery:
        """A message that failed or arrived is sent once more. Raises NotFound, PermissionDenied."""
        webhook = await self._kept(session, principal, webhook_id)
        delivery = await find_delivery(session, webhook.id, delivery_id)
        if delivery is None:
            raise NotFound(f"The webhook {webhook_id} has no delivery {delivery_id}")
        delivery.repeat(self._clock.now())
        record(
            session,
            principal,
            "ticket_delivery.repeated",
            "ticket_webhook",
            webhook.id,
            after={"delivery": delivery.id, "type": delivery.type},
        )
        return delivery

    async def _kept(self, session: AsyncSession, principal: Principal, webhook_id: str) -> TicketWebhook:
        webhook = await find_webhook(session, webhook_id)
        if webhook is None:
            raise NotFound(f"There is no ticket webhook {webhook_id}")
        await self._require_keeper(session, principal, webhook.system)
        return webhook

    async def _require_keeper(self, session: AsyncSession, principal: Principal, system: str | None) -> None:
        if system is not None:
            await self._systems.managed(session, principal, system)
        else:
            await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)

    def _seal(self, secret: str) -> str:
        return self._secrets.seal(secret.encode(), WEBHOOK_SECRET)


def _require_whole(principal: Principal) -> None:
    if principal.is_narrowed:
        raise PermissionDenied("A narrowed token makes no secrets; sign in, or use a token that is not narrowed")


def _described(webhook: TicketWebhook) -> dict[str, Any]:
    return {"system": webhook.system, "url": webhook.url, "enabled": webhook.enabled}
