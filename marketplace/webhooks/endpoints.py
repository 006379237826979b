from typing import Annotated

from fastapi import APIRouter, Path

from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute
from marketplace.dependencies import CatalogueWebhookServiceDep
from marketplace.webhooks.schemas import (
    CatalogueDeliveryView,
    CatalogueWebhookBody,
    CatalogueWebhookView,
    CreatedCatalogueWebhook,
)
from marketplace.webhooks.service import NewWebhook, WebhookSettings

router = APIRouter(prefix="/catalogue-webhooks", tags=["plugins"], route_class=StrictJsonRoute)

Id = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


@router.get("")
async def list_catalogue_webhooks(
    session: SessionDep, principal: PrincipalDep, webhooks: CatalogueWebhookServiceDep
) -> Page[CatalogueWebhookView]:
    """Who is told what changes in the catalogue."""
    found = await webhooks.browse(session, principal)
    return Page(items=[CatalogueWebhookView.model_validate(row) for row in found], next=None)


@router.post("", status_code=201)
async def create_catalogue_webhook(
    body: CatalogueWebhookBody, session: SessionDep, principal: PrincipalDep, webhooks: CatalogueWebhookServiceDep
) -> CreatedCatalogueWebhook:
    """Has changes of the catalogue told to an address; the secret is shown this once."""
    return _created(await webhooks.create(session, principal, _settings(body)))


@router.put("/{webhook_id}")
async def put_catalogue_webhook(
    webhook_id: Id,
    body: CatalogueWebhookBody,
    session: SessionDep,
    principal: PrincipalDep,
    webhooks: CatalogueWebhookServiceDep,
) -> CatalogueWebhookView:
    return CatalogueWebhookView.model_validate(await webhooks.put(session, principal, webhook_id, _settings(body)))


@router.post("/{webhook_id}:rotate-secret")
async def rotate_catalogue_webhook_secret(
    webhook_id: Id, session: SessionDep, principal: PrincipalDep, webhooks: CatalogueWebhookServiceDep
) -> CreatedCatalogueWebhook:
    return _created(await webhooks.rotate_secret(session, principal, webhook_id))


@router.delete("/{webhook_id}", status_code=204)
async def remove_catalogue_webhook(
    webhook_id: Id, session: SessionDep, principal: PrincipalDep, webhooks: CatalogueWebhookServiceDep
) -> None:
    await webhooks.remove(session, principal, webhook_id)


@router.get("/{webhook_id}/deliveries")
async def list_catalogue_deliveries(
    webhook_id: Id, session: SessionDep, principal: PrincipalDep, webhooks: CatalogueWebhookServiceDep, page: PageDep
) -> Page[CatalogueDeliveryView]:
    """What was sent and what waits to be, newest first; kept for 30 days."""
    found = await webhooks.deliveries(session, principal, webhook_id, page)
    return Page(items=[CatalogueDeliveryView.model_validate(each) for each in found.items], next=found.next)


@router.post("/{webhook_id}/deliveries/{delivery_id}:send-again")
async def send_catalogue_delivery_again(
    webhook_id: Id,
    delivery_id: Id,
    session: SessionDep,
    principal: PrincipalDep,
    webhooks: CatalogueWebhookServiceDep,
) -> CatalogueDeliveryView:
    return CatalogueDeliveryView.model_validate(await webhooks.send_again(session, principal, webhook_id, delivery_id))


def _settings(body: CatalogueWebhookBody) -> WebhookSettings:
    events = tuple(dict.fromkeys(event.value for event in body.events))
    return WebhookSettings(body.url, events, tuple(dict.fromkeys(body.publishers)), body.enabled)


def _created(made: NewWebhook) -> CreatedCatalogueWebhook:
    view = CatalogueWebhookView.model_validate(made.webhook)
    return CreatedCatalogueWebhook(**view.model_dump(), secret=made.secret)
