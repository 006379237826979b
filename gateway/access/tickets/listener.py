from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.grants.models import Grant, GrantEvent
from gateway.access.tickets.messages import message, message_type
from gateway.access.tickets.models import TicketDelivery
from gateway.access.tickets.repository import webhooks_that_hear


class TicketListener:
    """Puts a message for each webhook into the unit of work of the step: it is told if and only if it happened."""

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url

    async def heard(self, session: AsyncSession, event: GrantEvent, grants: Sequence[Grant]) -> None:
        """See `gateway.access.grants.steps.StepListener`."""
        told = message(event, grants, self._public_url)
        for webhook in await webhooks_that_hear(session, grants[0].system):
            session.add(
                TicketDelivery(
                    webhook_id=webhook.id,
                    event_id=event.id,
                    application_id=event.application_id,
                    type=message_type(event),
                    message=told,
                    next_attempt_at=event.at,
                    created_at=event.at,
                )
            )
