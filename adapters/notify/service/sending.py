"""Sending, at most once for each idempotency key.

First the message and its deliveries are kept as `sending`, with the key, and committed; then it is sent; then what
became of it is kept with the answer. A repeat finds the answer. A repeat that comes while the first still sends waits
for it. When the first's process died in between, nobody can tell whether a mail went out: it is not sent again, and the
answer says so.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.notify.service.channels import CHANNELS, MAIL, AddressRefused, AddressRules
from adapters.notify.service.chat import ChatSender
from adapters.notify.service.errors import CODES, NOT_DELIVERED, UNCLEAR, ParameterWrong
from adapters.notify.service.mail import Mailer, MailResult
from adapters.notify.service.models import Delivery, Message, NotifyIdempotency
from adapters.notify.service.receivers import is_mail_address, named
from adapters.notify.service.repository import NotifyRepository
from adapters.notify.service.schemas import Content, SendMail, SendMessage
from adapters.notify.service.service import ADDRESS_PURPOSE
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.db.idempotency import Earlier, IdempotencyLedger, KeyedRequest
from kernel.envelope import failure, success
from kernel.http.component_app import Call
from kernel.http.signed_only import SignedCaller
from kernel.machine import ProcessIdentity, is_gone, this_process
from kernel.secrets import SecretBox, SecretUnreadable
from kernel.settings import Settings

_WAIT_SECONDS = 25.0
_LOOK_SECONDS = 0.1
_SILENT_SECONDS = 120.0
_UNCLEAR_TEXT = (
    "An earlier call with this key began to send and its process died: whether the message went out is not known, and "
    "it is not sent again; send with a new key if it is wanted twice"
)


@dataclass(frozen=True, slots=True)
class Addressee:
    """Attributes:
    address: empty when the receiver has none of this kind.
    """

    receiver: str
    address: str
    is_copy: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """What is committed before anything is sent.

    Attributes:
        mail: composed before the commit, so that what can't be composed is refused and leaves nothing.
    """

    message: Message
    mail: EmailMessage | None
    content: Content
    addressees: Sequence[Addressee]
    deliveries: Sequence[Delivery]


class MessageSender:
    def __init__(
        self,
        database: Database,
        repository: NotifyRepository,
        ledger: IdempotencyLedger[NotifyIdempotency],
        settings: Settings,
        secrets: SecretBox,
        clock: Clock,
    ) -> None:
        self._database = database
        self._repository = repository
        self._ledger = ledger
        self._secrets = secrets
        self._clock = clock
        self._rules = AddressRules(settings)
        self._mailer = Mailer(settings)
        self._chats = ChatSender()
        self._me = str(this_process())

    async def send_mail(self, call: Call[SendMail]) -> dict[str, Any]:
        asked = call.params
        to = asked.receiver or asked.receiver__username
        copies = asked.cc or asked.cc__username
        return await self._once(call.caller, call.keyed, MAIL, asked, to, copies)

    async def send_msg(self, call: Call[SendMessage]) -> dict[str, Any]:
        asked = call.params
        channel = CHANNELS.get(asked.msg_type)
        if channel is None or not channel.is_offered:
            offered = [name for name, one in CHANNELS.items() if one.is_offered]
            raise ParameterWrong("msg_type", f"{asked.msg_type} is not offered; there are {', '.join(offered)}")
        to = asked.receiver or asked.receiver__username
        copies = asked.cc__username if asked.msg_type == MAIL else []
        return await self._once(call.caller, call.keyed, asked.msg_type, asked, to, copies)

    async def _once(
        self,
        caller: SignedCaller,
        keyed: KeyedRequest | None,
        msg_type: str,
        content: Content,
        to: Sequence[str],
        copies: Sequence[str],
    ) -> dict[str, Any]:
        if not to:
            raise ParameterWrong("receiver", "is missing; send receiver or receiver__username")
        try:
            content.text()
        except ValueError as error:
            raise ParameterWrong("content", str(error)) from None
        async with self._database.unit_of_work() as session:
            earlier = None if keyed is None else await self._ledger.claim(session, keyed, self._me)
            task = (
                None if earlier is not None else await self._keep(session, caller, keyed, msg_type, content, to, copies)
            )
        if task is None:
            return await self._answer_of_earlier(keyed, earlier)
        errors = await self._send(task)
        return await self._report(task, keyed, errors)

    async def _keep(
        self,
        session: AsyncSession,
        caller: SignedCaller,
        keyed: KeyedRequest | None,
        msg_type: str,
        content: Content,
        to: Sequence[str],
        copies: Sequence[str],
    ) -> Task:
        addressees = await self._addressees(session, msg_type, to, copies)
        now = self._clock.now()
        message = Message(
            msg_type=msg_type,
            title=content.title,
            app=caller.app,
            on_behalf_of=caller.user,
            idempotency_key=keyed.key if keyed else "",
            created_at=now,
        )
        mail = self._compose(message, content, addressees) if msg_type == MAIL else None
        session.add(message)
        await session.flush()
        deliveries = [
            Delivery(message_id=message.id, receiver=one.receiver, address=_shown(one, msg_type), state="sending")
            for one in addressees
        ]
        session.add_all(deliveries)
        after = {"msg_type": msg_type, "title": content.title, "receivers": [one.receiver for one in addressees]}
        record(session, caller.principal, "message.sent", "notify_message", message.id, after=after)
        return Task(message, mail, content, addressees, deliveries)

    async def _addressees(
        self, session: AsyncSession, msg_type: str, to: Sequence[str], copies: Sequence[str]
    ) -> list[Addressee]:
        both = [(one, False) for one in to] + [(one, True) for one in copies if one not in to]
        users = [one for one, _ in both if "@" not in one and "://" not in one]
        known = await self._repository.addresses(session, users, msg_type)
        return [Addressee(one, self._address_of(one, msg_type, known), is_copy) for one, is_copy in both]

    def _address_of(self, receiver: str, msg_type: str, known: dict[str, str]) -> str:
        """The address to send to; one that may not be dialled any more is none."""
        if msg_type == MAIL and "@" in receiver:
            return receiver if is_mail_address(receiver) else ""
        if receiver not in known:
            return ""
        try:
            address = self._secrets.open(known[receiver], ADDRESS_PURPOSE).decode()
            if msg_type != MAIL:
                self._rules.check(msg_type, address)
        except (SecretUnreadable, AddressRefused):
            return ""
        return address

    def _compose(self, message: Message, content: Content, addressees: Sequence[Addressee]) -> EmailMessage:
        to = [one.address for one in addressees if one.address and not one.is_copy]
        copies = [one.address for one in addressees if one.address and one.is_copy]
        return self._mailer.compose(message.id, content, to, copies, message.created_at)

    async def _send(self, task: Task) -> dict[str, tuple[str, str]]:
        """Receiver → (state, error)."""
        reachable = [one for one in task.addressees if one.address]
        outcome = {
            one.receiver: ("failed", f"has no {task.message.msg_type} address that may be used")
            for one in task.addressees
            if not one.address
        }
        if not reachable:
            return outcome
        if task.mail is not None:
            result = await self._mailer.send(task.mail, list(dict.fromkeys(one.address for one in reachable)))
            return outcome | {one.receiver: _mail_state(result, one.address) for one in reachable}
        for one in reachable:
            error = await self._chats.send(one.address, task.content)
            outcome[one.receiver] = ("failed" if error else "sent", error)
        return outcome

    async def _report(
        self, task: Task, keyed: KeyedRequest | None, outcome: dict[str, tuple[str, str]]
    ) -> dict[str, Any]:
        data = _data(task.message.id, [(one.receiver, *outcome[one.receiver]) for one in task.addressees], task)
        answer = _answer(data)
        async with self._database.unit_of_work() as session:
            for delivery in task.deliveries:
                await self._repository.finish(session, delivery.id, *outcome[delivery.receiver], self._clock.now())
            if keyed is not None:
                await self._ledger.keep(session, keyed, answer)
        return answer

    async def _answer_of_earlier(self, keyed: KeyedRequest | None, earlier: Earlier | None) -> dict[str, Any]:
        deadline = time.monotonic() + _WAIT_SECONDS
        while keyed is not None and earlier is not None:
            if earlier.answer is not None:
                return earlier.answer
            if self._died(earlier):
                return await self._unclear(keyed)
            if time.monotonic() > deadline:
                text = "An earlier call with this key is still sending; ask again later with the same key"
                return failure(CODES.key_reused, text)
            await asyncio.sleep(_LOOK_SECONDS)
            async with self._database.reading() as session:
                earlier = await self._ledger.look(session, keyed)
        raise RuntimeError("a key that was claimed has no record")

    def _died(self, earlier: Earlier) -> bool:
        if is_gone(ProcessIdentity.parse(earlier.owner)):
            return True
        return (self._clock.now() - earlier.created_at).total_seconds() > _SILENT_SECONDS

    async def _unclear(self, keyed: KeyedRequest) -> dict[str, Any]:
        async with self._database.unit_of_work() as session:
            now = self._clock.now()
            deliveries = await self._repository.mark_unknown(session, keyed.caller, keyed.key, now)
            rows = [(one.receiver, one.state, one.error) for one in deliveries]
            message_id = deliveries[0].message_id if deliveries else ""
            answer = failure(UNCLEAR, _UNCLEAR_TEXT, _data(message_id, rows, None))
            await self._ledger.keep(session, keyed, answer)
        return answer


def _shown(addressee: Addressee, msg_type: str) -> str:
    return addressee.address if msg_type == MAIL else addressee.address.partition("://")[0]


def _mail_state(result: MailResult, address: str) -> tuple[str, str]:
    error = result.errors.get(address, "")
    if not error:
        return "sent", ""
    return ("unknown" if result.unknown else "failed"), error


def _data(message_id: str, rows: Sequence[tuple[str, str, str]], task: Task | None) -> dict[str, Any]:
    invalid = [one.receiver for one in task.addressees if not one.address] if task is not None else []
    return {
        "message_id": message_id,
        "username_check": {"invalid": invalid},
        "deliveries": [{"receiver": receiver, "state": state, "error": error} for receiver, state, error in rows],
    }


def _answer(data: dict[str, Any]) -> dict[str, Any]:
    wrong = [one for one in data["deliveries"] if one["state"] != "sent"]
    if not wrong:
        return success(data)
    reasons = named(f"{one['receiver']} ({one['error']})" for one in wrong)
    which = "All" if len(wrong) == len(data["deliveries"]) else "Some"
    return failure(NOT_DELIVERED, f"{which} users failed to send message: {reasons}", data)
