"""Where changes of the catalogue are told: kept by administrators."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.db.pages import PageOf, PageRequest
from kernel.errors import Conflict, Invalid, NotFound, PermissionDenied
from kernel.principal import Principal
from kernel.secrets import SecretBox
from kernel.signing.standard_webhooks import new_secret
from kernel.transport.address_problem import address_problem
from kernel.transport.addresses import AddressPolicy
from marketplace.webhooks import repository
from marketplace.webhooks.models import CatalogueDeliveryRow, CatalogueWebhookRow

SECRET_PURPOSE: Final = "catalogue webhook"  # noqa: S105  a purpose, not a secret
_KIND: Final = "catalogue_webhook"
_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """Attributes:
    secret: known only now.
    """

    webhook: CatalogueWebhookRow
    secret: str


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """See `CatalogueWebhookRow`."""

    url: str
    events: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    enabled: bool = True


class CatalogueWebhookService:
    def __init__(self, authorizer: Authorizer, secrets: SecretBox, policy: AddressPolicy, clock: Clock) -> None:
        self._authorizer = authorizer
        self._secrets = secrets
        self._policy = policy
        self._clock = clock

    async def browse(self, session: AsyncSession, principal: Principal) -> Sequence[CatalogueWebhookRow]:
        """Raises PermissionDenied."""
        await self._require_keeper(session, principal)
        return await repository.all_webhooks(session)

    async def create(self, session: AsyncSession, principal: Principal, settings: WebhookSettings) -> NewWebhook:
        """Raises:
        PermissionDenied: the caller is no administrator.
        Invalid: an address that may not be called.
        Conflict: there are too many.
        """
        await self._require_keeper(session, principal)
        _require_whole(principal)
        await self._check(settings)
        if len(await repository.all_webhooks(session)) >= _MOST:
            raise Conflict(f"There are {_MOST} webhooks already; remove one that nobody uses")
        secret = new_secret()
        webhook = CatalogueWebhookRow(
            url=settings.url,
            sealed_secret=self._seal(secret),
            events=list(settings.events),
            publishers=list(settings.publishers),
            enabled=settings.enabled,
            created_by=principal.id,
            created_at=self._clock.now(),
        )
        session.add(webhook)
        await session.flush()
        record(session, principal, "catalogue_webhook.created", _KIND, webhook.id, after=_described(webhook))
        return NewWebhook(webhook, secret)

    async def put(
        self, session: AsyncSession, principal: Principal, webhook_id: str, settings: WebhookSettings
    ) -> CatalogueWebhookRow:
        """Raises NotFound, PermissionDenied, Invalid."""
        webhook = await self._kept(session, principal, webhook_id)
        await self._check(settings)
        before = _described(webhook)
        webhook.url, webhook.enabled = settings.url, settings.enabled
        webhook.events, webhook.publishers = list(settings.events), list(settings.publishers)
        if (after := _described(webhook)) != before:
            record(session, principal, "catalogue_webhook.changed", _KIND, webhook.id, before=before, after=after)
        return webhook

    async def rotate_secret(self, session: AsyncSession, principal: Principal, webhook_id: str) -> NewWebhook:
        """A new secret; the next message is signed with it. Raises NotFound, PermissionDenied."""
        webhook = await self._kept(session, principal, webhook_id)
        _require_whole(principal)
        secret = new_secret()
        webhook.sealed_secret = self._seal(secret)
        record(session, principal, "catalogue_webhook.secret_changed", _KIND, webhook.id)
        return NewWebhook(webhook, secret)

    async def remove(self, session: AsyncSession, principal: Principal, webhook_id: str) -> None:
        """With what still waits to be sent to it. Raises NotFound, PermissionDenied."""
        webhook = await self._kept(session, principal, webhook_id)
        await repository.remove_webhook(session, webhook.id)
        record(session, principal, "catalogue_webhook.removed", _KIND, webhook.id, before=_described(webhook))

    async def deliveries(
        self, session: AsyncSession, principal: Principal, webhook_id: str, page: PageRequest
    ) -> PageOf[CatalogueDeliveryRow]:
        """Newest first. Raises NotFound, PermissionDenied."""
        webhook = await self._kept(session, principal, webhook_id)
        return await repository.deliveries_page(session, webhook.id, page)

    async def send_again(
        self, session: AsyncSession, principal: Principal, webhook_id: str, delivery_id: str
    ) -> CatalogueDeliveryRow:
        """A message that failed or arrived is sent once more. Raises NotFound, PermissionDenied."""
        webhook = await self._kept(session, principal, webhook_id)
        delivery = await repository.find_delivery(session, delivery_id, lock=True)
        if delivery is None or delivery.webhook_id != webhook.id:
            raise NotFound(f"The webhook {webhook_id} has no delivery {delivery_id}")
        delivery.repeat(self._clock.now())
        after = {"delivery": delivery.id, "type": delivery.type}
        record(session, principal, "catalogue_delivery.repeated", _KIND, webhook.id, after=after)
        return delivery

    async def _kept(self, session: AsyncSession, principal: Principal, webhook_id: str) -> CatalogueWebhookRow:
        await self._require_keeper(session, principal)
        webhook = await repository.find_webhook(session, webhook_id)
        if webhook is None:
            raise NotFound(f"There is no catalogue webhook {webhook_id}")
        return webhook

    async def _require_keeper(self, session: AsyncSession, principal: Principal) -> None:
        await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)

    async def _check(self, settings: WebhookSettings) -> None:
        problem = await address_problem(self._policy, settings.url)
        if problem is not None:
            raise Invalid.field("url", problem)

    def _seal(self, secret: str) -> str:
        return self._secrets.seal(secret.encode(), SECRET_PURPOSE)


def _require_whole(principal: Principal) -> None:
    if principal.is_narrowed:
        raise PermissionDenied("A narrowed token makes no secrets; sign in, or use a token that is not narrowed")


def _described(webhook: CatalogueWebhookRow) -> dict[str, Any]:
    return {
        "url": webhook.url,
        "events": webhook.events,
        "publishers": webhook.publishers,
        "enabled": webhook.enabled,
    }
