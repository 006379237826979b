"""What is to be sent: kept before anything goes out, and found again when the first sender died.

A mail that is found again is the very same mail: its id and time stand in the message's row, its receivers in the
deliveries, and the rest comes with the repeated call, whose digest is the first one's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.notify.service.channels import MAIL, AddressRefused, AddressRules
from adapters.notify.service.content import Content
from adapters.notify.service.mail import Mailer
from adapters.notify.service.models import Delivery, Message
from adapters.notify.service.receivers import Receiver, is_mail_address
from adapters.notify.service.repository import NotifyRepository
from adapters.notify.service.service import ADDRESS_PURPOSE
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.idempotency import KeyedRequest
from kernel.http.signed_only import SignedCaller
from kernel.secrets import SecretBox, SecretUnreadable

_SETTLED = frozenset({"sent", "failed", "unknown"})


@dataclass(frozen=True, slots=True)
class Order:
    """What a call asks to be sent.

    Attributes:
        keyed: absent when the call carries no idempotency key.
    """

    caller: SignedCaller
    keyed: KeyedRequest | None
    msg_type: str
    content: Content
    to: Sequence[Receiver]
    copies: Sequence[Receiver] = ()


@dataclass(frozen=True, slots=True)
class Addressee:
    """Attributes:
    address: empty when the receiver has none of this kind.
    """

    receiver: str
    address: str
    delivery: Delivery
    is_copy: bool = False

    @property
    def is_settled(self) -> bool:
        return self.delivery.state in _SETTLED


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A message on its way.

    Attributes:
        mail: composed before the commit, so that what can't be composed is refused and leaves nothing.
    """

    order: Order
    message: Message
    mail: EmailMessage | None
    addressees: Sequence[Addressee]


class Outbox:
    def __init__(
        self, repository: NotifyRepository, mailer: Mailer, rules: AddressRules, secrets: SecretBox, clock: Clock
    ) -> None:
        self._repository = repository
        self._mailer = mailer
        self._rules = rules
        self._secrets = secrets
        self._clock = clock

    async def put(self, session: AsyncSession, order: Order) -> Dispatch:
        """Keeps a new message with its deliveries.

        Raises:
            ParameterWrong: what can't stand in a mail.
        """
        message = Message(
            msg_type=order.msg_type,
            title=order.content.title,
            app=order.caller.app,
            on_behalf_of=order.caller.user,
            idempotency_key=order.keyed.key if order.keyed else "",
            created_at=self._clock.now(),
        )
        known = await self._known(session, order)
        addressees = [
            _new_addressee(message, receiver, self._address_of(receiver, order.msg_type, known), is_copy=is_copy)
            for receiver, is_copy in _receivers(order)
        ]
        dispatch = self._dispatch(order, message, addressees)
        session.add(message)
        await session.flush()
        session.add_all(one.delivery for one in addressees)
        after = {
            "msg_type": order.msg_type,
            "title": order.content.title,
            "receivers": [one.receiver for one in addressees],
        }
        record(session, order.caller.principal, "message.sent", "notify_message", message.id, after=after)
        return dispatch

    async def find_again(self, session: AsyncSession, order: Order, keyed: KeyedRequest) -> Dispatch:
        """The message of an earlier call with this key. On record is who may get it twice."""
        message, deliveries = await self._repository.message_of(session, keyed.caller, keyed.key)
        kept = {one.receiver: one for one in deliveries}
        known = await self._known(session, order)
        addressees = [
            Addressee(
                one.name, self._address_again(one, kept[one.name], order.msg_type, known), kept[one.name], is_copy
            )
            for one, is_copy in _receivers(order)
        ]
        after = {
            "receivers": [one.receiver for one in addressees if not one.is_settled],
            "perhaps_twice": [one.receiver for one in addressees if one.delivery.state == "handing_over"],
        }
        record(session, order.caller.principal, "message.sent_again", "notify_message", message.id, after=after)
        return self._dispatch(order, message, addressees)

    def _dispatch(self, order: Order, message: Message, addressees: Sequence[Addressee]) -> Dispatch:
        if order.msg_type != MAIL:
            return Dispatch(order, message, None, addressees)
        to = [one.address for one in addressees if one.address and not one.is_copy]
        copies = [one.address for one in addressees if one.address and one.is_copy]
        mail = self._mailer.compose(message.id, order.content, to, copies, message.created_at)
        return Dispatch(order, message, mail, addressees)

    async def _known(self, session: AsyncSession, order: Order) -> dict[str, str]:
        users = [one.name for one, _ in _receivers(order) if not one.given]
        return await self._repository.addresses(session, users, order.msg_type)

    def _address_again(self, receiver: Receiver, delivery: Delivery, msg_type: str, known: dict[str, str]) -> str:
        """A mail's address is the one it had; of a chat's only the kind is kept with the delivery."""
        return delivery.address if msg_type == MAIL else self._address_of(receiver, msg_type, known)

    def _address_of(self, receiver: Receiver, msg_type: str, known: dict[str, str]) -> str:
        """The address to send to; one that may not be dialled any more is none."""
        if receiver.given:
            return receiver.given if msg_type == MAIL and is_mail_address(receiver.given) else ""
        if receiver.name not in known:
            return ""
        try:
            address = self._secrets.open(known[receiver.name], ADDRESS_PURPOSE).decode()
            if msg_type != MAIL:
                self._rules.check(msg_type, address)
        except (SecretUnreadable, AddressRefused):
            return ""
        return address


def _receivers(order: Order) -> list[tuple[Receiver, bool]]:
    """Each receiver once, with whether he gets a copy."""
    found = {one.name: (one, False) for one in order.to}
    for one in order.copies:
        found.setdefault(one.name, (one, True))
    return list(found.values())


def _new_addressee(message: Message, receiver: Receiver, address: str, *, is_copy: bool) -> Addressee:
    shown = address if message.msg_type == MAIL else address.partition("://")[0]
    delivery = Delivery(message_id=message.id, receiver=receiver.name, address=shown, state="sending")
    return Addressee(receiver.name, address, delivery, is_copy)
