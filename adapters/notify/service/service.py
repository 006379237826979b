"""What the notification system is asked besides sending: kinds of message and records of deliveries."""

import base64
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.notify.service import schemas
from adapters.notify.service.channels.book import Channel, ChannelBook
from adapters.notify.service.channels.kinds import Kind
from adapters.notify.service.delivery.states import WAITING, WRONG
from adapters.notify.service.errors import ParameterWrong
from adapters.notify.service.models import Attempt, Delivery, Message
from adapters.notify.service.repository import DeliveryFilter, NotifyRepository
from adapters.notify.service.times import shown_time
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.http.signed_only import SignedCaller

_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="5" fill="{colour}"/>'
    '<text x="12" y="16" font-size="11" font-family="sans-serif" text-anchor="middle" fill="#fff">{letter}</text></svg>'
)
_COLOURS = {
    Kind.MAIL: "#3a84ff",
    Kind.WECOM: "#2dcb56",
    Kind.DINGTALK: "#ff9c01",
    Kind.FEISHU: "#ea3636",
    Kind.SLACK: "#699df4",
    Kind.TEAMS: "#45e35f",
    Kind.WEBHOOK: "#ffb848",
    Kind.SMS: "#fd9c9c",
    Kind.VOICE: "#979ba5",
}


class NotifyService:
    def __init__(self, repository: NotifyRepository, book: ChannelBook, clock: Clock) -> None:
        self._repository = repository
        self._book = book
        self._clock = clock

    async def get_msg_type(self, session: AsyncSession, _caller: SignedCaller, _asked: schemas.Nothing) -> Any:
        return [
            {
                "type": channel.msg_type,
                "label": channel.label.en,
                "label_zh": channel.label.zh,
                "is_active": channel.is_active,
                "icon": _icon(channel),
            }
            for channel in await self._book.all(session)
        ]

    async def list_deliveries(self, session: AsyncSession, caller: SignedCaller, asked: schemas.ListDeliveries) -> Any:
        wanted = DeliveryFilter(
            app=caller.app, message_id=asked.message_id or "", idempotency_key=asked.idempotency_key or ""
        )
        return [_shown(*found) for found in await self._repository.deliveries(session, wanted, asked.limit)]

    async def search_deliveries(
        self, session: AsyncSession, _caller: SignedCaller, asked: schemas.SearchDeliveries
    ) -> Any:
        wanted = DeliveryFilter(
            app=asked.app,
            message_id=asked.message_id,
            receiver=asked.receiver,
            msg_type=asked.msg_type,
            states=asked.state,
            since=asked.since,
            before=asked.before,
        )
        found = await self._repository.deliveries(session, wanted, asked.limit + 1)
        items = [_shown(*one) for one in found[: asked.limit]]
        return {"items": items, "next": items[-1]["id"] if len(found) > asked.limit else ""}

    async def get_delivery(self, session: AsyncSession, _caller: SignedCaller, asked: schemas.OfDelivery) -> Any:
        delivery, message = await self._found(session, asked.id)
        attempts = await self._repository.attempts(session, delivery.id)
        return {
            **_shown(delivery, message),
            "can_resend": _can_resend(delivery, message),
            "attempts": [_attempt(one) for one in attempts],
        }

    async def resend_delivery(self, session: AsyncSession, caller: SignedCaller, asked: schemas.OfDelivery) -> Any:
        delivery, message = await self._found(session, asked.id)
        if not _can_resend(delivery, message):
            raise ParameterWrong("id", f"is {delivery.state}; only what failed and has an address can be sent again")
        before = {"state": delivery.state, "error": delivery.error}
        channel = await self._book.find(session, message.msg_type)
        delivery.state = WAITING
        delivery.tries_left = channel.limits.attempts if channel is not None else 1
        delivery.next_at, delivery.finished_at = self._clock.now(), None
        after = {"state": WAITING, "receiver": delivery.receiver}
        record(
            session,
            caller.principal,
            "delivery.resent",
            "notify_delivery",
            delivery.id,
            before=before,
            after=after,
        )
        return {"id": delivery.id}

    async def _found(self, session: AsyncSession, delivery_id: str) -> tuple[Delivery, Message]:
        found = await self._repository.delivery(session, delivery_id)
        if found is None:
            raise ParameterWrong("id", "is no delivery on record")
        return found


def _can_resend(delivery: Delivery, message: Message) -> bool:
    return delivery.state in WRONG and bool(delivery.address) and bool(message.content_sealed)


def _icon(channel: Channel) -> str:
    picture = _ICON.format(colour=_COLOURS[channel.kind], letter=channel.msg_type[0].upper())
    return base64.b64encode(picture.encode()).decode()


def _shown(delivery: Delivery, message: Message) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "message_id": message.id,
        "msg_type": message.msg_type,
        "title": message.title,
        "app": message.app,
        "receiver": delivery.receiver,
        "address": delivery.address,
        "is_copy": delivery.is_copy,
        "state": delivery.state,
        "error": delivery.error,
        "attempt_count": delivery.attempts,
        "repeats": delivery.repeats,
        "next_at": _time(delivery.next_at),
        "created_at": shown_time(message.created_at),
        "finished_at": _time(delivery.finished_at),
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "state": attempt.state,
        "detail": attempt.detail,
        "started_at": shown_time(attempt.started_at),
        "finished_at": _time(attempt.finished_at),
    }


def _time(at: datetime | None) -> str | None:
    return shown_time(at) if at is not None else None
