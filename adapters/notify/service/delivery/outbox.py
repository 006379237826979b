"""What is to be sent is kept before anything goes out, with its content, so that whoever comes later can send it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.notify.service.channels.book import Channel
from adapters.notify.service.channels.kinds import Kind
from adapters.notify.service.content import Content
from adapters.notify.service.delivery.repeats import RepeatGuard, digest_of
from adapters.notify.service.delivery.states import DUPLICATE, FAILED, MUTED, WAITING
from adapters.notify.service.delivery.targets import TargetFinder
from adapters.notify.service.models import Delivery, Message
from adapters.notify.service.people.preference_service import Courtesy
from adapters.notify.service.receivers import Receiver
from adapters.notify.service.transports.compose import compose
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.idempotency import KeyedRequest
from kernel.http.signed_only import SignedCaller
from kernel.secrets import SecretBox

CONTENT_PURPOSE = "notify content"
LEASE = timedelta(seconds=20)
"""How long a sender may be silent before it is taken for dead."""
_CONTENT: TypeAdapter[Content] = TypeAdapter(Content)


@dataclass(frozen=True, slots=True)
class Order:
    """What a call asks to be sent.

    Attributes:
        keyed: absent when the call carries no idempotency key.
    """

    caller: SignedCaller
    keyed: KeyedRequest | None
    channel: Channel
    content: Content
    to: Sequence[Receiver]
    copies: Sequence[Receiver] = ()
    importance: str = "normal"
    topic: str = ""
    courtesy: Courtesy = field(default_factory=Courtesy)


class Outbox:
    def __init__(self, targets: TargetFinder, repeats: RepeatGuard, secrets: SecretBox, clock: Clock) -> None:
        self._targets = targets
        self._repeats = repeats
        self._secrets = secrets
        self._clock = clock

    async def put(self, session: AsyncSession, order: Order, owner: str) -> Message:
        """Keeps a new message with its deliveries, for `owner` to send.

        Raises:
            ParameterWrong: what can't stand in a mail.
        """
        now = self._clock.now()
        message = Message(
            msg_type=order.channel.msg_type,
            title=order.content.title,
            importance=order.importance,
            topic=order.topic,
            app=order.caller.app,
            on_behalf_of=order.caller.user,
            idempotency_key=order.keyed.key if order.keyed else "",
            content_sealed=self._secrets.seal(_CONTENT.dump_json(order.content), CONTENT_PURPOSE),
            owner=owner,
            owned_until=now + LEASE,
            created_at=now,
        )
        deliveries = await self._deliveries(session, order, message)
        if order.channel.server is not None:
            mail_of(message, order.channel.server.mail_from, order.content, deliveries)
        session.add(message)
        await session.flush()
        session.add_all(deliveries)
        await session.flush()
        await self._drop_repeats(session, order, deliveries, now)
        after = {
            "msg_type": message.msg_type,
            "title": message.title,
            "receivers": [one.receiver for one in deliveries],
        }
        record(session, order.caller.principal, "message.sent", "notify_message", message.id, after=after)
        return message

    def content_of(self, message: Message) -> Content:
        """Raises:
        SecretUnreadable: the root key it was sealed under is not configured.
        """
        return _CONTENT.validate_json(self._secrets.open(message.content_sealed, CONTENT_PURPOSE))

    async def _deliveries(self, session: AsyncSession, order: Order, message: Message) -> list[Delivery]:
        receivers = _receivers(order)
        addresses = await self._targets.addresses(session, order.channel, [one for one, _ in receivers])
        return [
            _delivery(order, message, place, receiver.name, addresses[receiver.name], is_copy=is_copy)
            for place, (receiver, is_copy) in enumerate(receivers)
        ]

    async def _drop_repeats(
        self, session: AsyncSession, order: Order, deliveries: Sequence[Delivery], now: datetime
    ) -> None:
        minutes = order.channel.limits.repeat_minutes
        if not minutes:
            return
        # In one order for everybody: two calls with the same receivers never wait for each other.
        for delivery in sorted(deliveries, key=lambda one: one.digest):
            if delivery.state != WAITING:
                continue
            first = await self._repeats.first_of(session, delivery, minutes, now)
            if first is not None:
                delivery.state, delivery.same_as = DUPLICATE, first
                delivery.next_at, delivery.finished_at = None, now


def mail_of(message: Message, mail_from: str, content: Content, deliveries: Sequence[Delivery]) -> EmailMessage:
    """The mail of a message: the same whenever it is made."""
    heard = [one for one in deliveries if one.address and one.state != MUTED]
    to = [one.address for one in heard if not one.is_copy]
    copies = [one.address for one in heard if one.is_copy]
    return compose(message.id, mail_from, content, to, copies, message.created_at)


def _receivers(order: Order) -> list[tuple[Receiver, bool]]:
    """Each receiver once, with whether he gets a copy."""
    found = {one.name: (one, False) for one in order.to}
    for one in order.copies:
        found.setdefault(one.name, (one, True))
    return list(found.values())


def _delivery(order: Order, message: Message, position: int, receiver: str, address: str, *, is_copy: bool) -> Delivery:
    channel = order.channel
    delivery = Delivery(
        message_id=message.id,
        receiver=receiver,
        address=address,
        position=position,
        is_copy=is_copy and channel.kind is Kind.MAIL,
        state=WAITING,
        tries_left=channel.limits.attempts,
        digest=digest_of(channel.msg_type, order.content, receiver, address),
        next_at=order.courtesy.held.get(receiver, message.created_at),
    )
    if receiver in order.courtesy.muted:
        delivery.state = MUTED
        delivery.next_at, delivery.finished_at = None, message.created_at
    elif not address:
        delivery.state = FAILED
        delivery.error = f"has no {channel.msg_type} address that may be used"
        delivery.next_at, delivery.finished_at = None, message.created_at
    return delivery
