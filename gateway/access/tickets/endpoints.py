from typing import Annotated

from fastapi import APIRouter, Query

from gateway.access.tickets.schemas import (
    CreatedTicketWebhook,
    NewTicketWebhook,
    TicketDeliveryView,
    TicketWebhookChange,
    TicketWebhookView,
)
from gateway.access.tickets.service import NewWebhook
from gateway.dependencies import GatewayDep
from gateway.fields import SYSTEM_NAME, IdPath
from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/ticket-webhooks", tags=["grants"], route_class=StrictJsonRoute)


@router.get("")
async def list_ticket_webhooks(
    session: SessionDep,
    principal: PrincipalDep,
    gateway: GatewayDep,
    system: Annotated[str | None, Query(pattern=SYSTEM_NAME)] = None,
) -> Page[TicketWebhookView]:
    """Of a system; without one, those of the platform, which hear of all systems."""
    found = await gateway.access.tickets.browse(session, principal, system)
    return Page(items=[TicketWebhookView.model_validate(webhook) for webhook in found])


@router.post("", status_code=201)
async def create_ticket_webhook(
    body: NewTicketWebhook, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> CreatedTicketWebhook:
    """Has every step of applications told to an outside ticket system; the secret is shown this once."""
    return _created(await gateway.access.tickets.create(session, principal, body.system, body.url))


@router.patch("/{webhook_id}")
async def change_ticket_webhook(
    webhook_id: IdPath, body: TicketWebhookChange, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> TicketWebhookView:
    webhook = await gateway.access.tickets.change(session, principal, webhook_id, url=body.url, enabled=body.enabled)
    return TicketWebhookView.model_validate(webhook)


@router.post("/{webhook_id}:rotate-secret")
async def rotate_ticket_webhook_secret(
    webhook_id: IdPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> CreatedTicketWebhook:
    return _created(await gateway.access.tickets.rotate_secret(session, principal, webhook_id))


@router.delete("/{webhook_id}", status_code=204)
async def remove_ticket_webhook(
    webhook_id: IdPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> None:
    await gateway.access.tickets.remove(session, principal, webhook_id)


@router.get("/{webhook_id}/deliveries")
async def list_ticket_deliveries(
    webhook_id: IdPath, session: SessionDep, principal: PrincipalDep, page: PageDep, gateway: GatewayDep
) -> Page[TicketDeliveryView]:
    """What was sent and what waits to be, newest first; kept for 30 days."""
    found = await gateway.access.tickets.deliveries(session, principal, webhook_id, page)
    return Page(items=[TicketDeliveryView.model_validate(each) for each in found.items], next=found.next)


@router.post("/{webhook_id}/deliveries/{delivery_id}:send-again")
async def send_ticket_delivery_again(
    webhook_id: IdPath, delivery_id: IdPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> TicketDeliveryView:
    again = await gateway.access.tickets.send_again(session, principal, webhook_id, delivery_id)
    return TicketDeliveryView.model_validate(again)


def _created(made: NewWebhook) -> CreatedTicketWebhook:
    view = TicketWebhookView.model_validate(made.record)
    return CreatedTicketWebhook(**view.model_dump(), secret=made.secret)
