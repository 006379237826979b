"""Sending: a message is kept with its key, attempted at once, and goes on by itself when it was not taken.

::

    call ──> message, deliveries and key in one transaction ──> first attempt ──> answer
                                                                     └─ not taken: waits, dispatcher goes on

A repeat of the key sends nothing new: it answers how the first call's message fares, waits while it is being sent, and
goes on with it at once when its process died. What dies between the note before handing over and the note after may
have been taken: a mail is then sent again as the same bytes under the same Message-ID, by which servers and readers
know it (RFC 5322 section 3.6.4); other messages have nothing by which a copy could be known.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.notify.service.answers import answer_of
from adapters.notify.service.channels.book import ChannelBook
from adapters.notify.service.channels.kinds import MAIL, SMS, VOICE, WEIXIN, Kind
from adapters.notify.service.content import Content
from adapters.notify.service.delivery.courier import Courier
from adapters.notify.service.delivery.lease import Leases
from adapters.notify.service.delivery.outbox import Order, Outbox
from adapters.notify.service.errors import CODES, ParameterWrong
from adapters.notify.service.models import Message, NotifyIdempotency
from adapters.notify.service.notices import NoticePlanner
from adapters.notify.service.people.preference_service import PreferenceBook
from adapters.notify.service.receivers import Receiver, receivers_of, users_or_mail_addresses
from adapters.notify.service.repository import NotifyRepository
from adapters.notify.service.schemas import (
    NotifyUsers,
    OfMessage,
    SendMail,
    SendMessage,
    SendSms,
    SendVoiceMessage,
    SendWeixin,
)
from kernel.db.database import Database
from kernel.db.idempotency import IdempotencyLedger
from kernel.envelope import failure
from kernel.http.component_app import Call

_WAIT_SECONDS = 25.0
"""Less than a gateway waits for an answer."""
_LOOK_SECONDS = 0.1


class MessageSender:
    def __init__(
        self,
        database: Database,
        repository: NotifyRepository,
        ledger: IdempotencyLedger[NotifyIdempotency],
        book: ChannelBook,
        preferences: PreferenceBook,
        notices: NoticePlanner,
        outbox: Outbox,
        courier: Courier,
        leases: Leases,
    ) -> None:
        self._database = database
        self._repository = repository
        self._ledger = ledger
        self._book = book
        self._preferences = preferences
        self._notices = notices
        self._outbox = outbox
        self._courier = courier
        self._leases = leases
        self._under_way: set[asyncio.Task[None]] = set()

    async def send_mail(self, call: Call[SendMail]) -> dict[str, Any]:
        asked = call.params
        to = users_or_mail_addresses(asked.receiver or asked.receiver__username)
        copies = users_or_mail_addresses(asked.cc or asked.cc__username)
        return await self._one(call, MAIL, asked.to_content(), to, copies)

    async def send_msg(self, call: Call[SendMessage]) -> dict[str, Any]:
        asked = call.params
        to = users_or_mail_addresses(asked.receiver or asked.receiver__username)
        copies = users_or_mail_addresses(asked.cc__username)
        return await self._one(call, asked.msg_type, asked.to_content(), to, copies)

    async def send_sms(self, call: Call[SendSms]) -> dict[str, Any]:
        asked = call.params
        to = receivers_of(asked.receiver, asked.receiver__username)
        return await self._one(call, SMS, asked.to_content(), to)

    async def send_weixin(self, call: Call[SendWeixin]) -> dict[str, Any]:
        asked = call.params
        to = receivers_of(asked.receiver, asked.receiver__username)
        return await self._one(call, WEIXIN, asked.to_content(), to)

    async def send_voice_msg(self, call: Call[SendVoiceMessage]) -> dict[str, Any]:
        asked = call.params
        listed = [Receiver(one.username, one.mobile_phone) for one in asked.user_list_information]
        to = listed or [Receiver(one) for one in asked.receiver__username]
        return await self._one(call, VOICE, asked.to_content(), to)

    async def notify_users(self, call: Call[NotifyUsers]) -> dict[str, Any]:
        return await self._once(call, lambda session: self._notices.plan(session, call))

    async def get_message_status(self, call: Call[OfMessage]) -> dict[str, Any]:
        """How a message of the calling app fares, and those that went with it, as the call that sent them was told."""
        async with self._database.reading() as session:
            messages = await self._repository.together(session, call.caller.app, call.params.message_id)
        if not messages:
            raise ParameterWrong("message_id", "is no message of this app on record")
        return await self._answer(messages)

    async def stop(self) -> None:
        """Waits for what is being handed over; a process that dies anyway leaves it to the next."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=3)

    async def _one(
        self,
        call: Call[Any],
        msg_type: str,
        content: Content,
        to: Sequence[Receiver],
        copies: Sequence[Receiver] = (),
    ) -> dict[str, Any]:
        if not to:
            raise ParameterWrong("receiver", "is missing; send receiver or receiver__username")

        async def plan(session: AsyncSession) -> list[Order]:
            channel = await self._book.offered(session, msg_type)
            also = copies if channel.kind is Kind.MAIL else ()
            topic, importance = call.params.topic, call.params.importance
            courtesy = await self._preferences.courtesy(session, channel, [*to, *also], topic, importance)
            return [Order(call.caller, call.keyed, channel, content, to, also, importance, topic, courtesy)]

        return await self._once(call, plan)

    async def _once(self, call: Call[Any], plan: Callable[[AsyncSession], Awaitable[list[Order]]]) -> dict[str, Any]:
        keyed = call.keyed
        async with self._database.unit_of_work() as session:
            earlier = await self._ledger.claim(session, keyed, self._leases.me) if keyed is not None else None
            orders = await plan(session) if earlier is None else []
            messages = [await self._outbox.put(session, order, self._leases.me) for order in orders]
        if earlier is not None:
            return earlier.answer if earlier.answer is not None else await self._follow(call)
        await asyncio.gather(*(self._carry_out(message.id) for message in messages))
        return await self._answer(messages)

    async def _carry_out(self, message_id: str) -> None:
        """The first attempt; one that takes longer than a caller waits goes on behind the answer."""
        sending = asyncio.create_task(self._courier.carry_out(message_id), name="notify sending")
        self._under_way.add(sending)
        sending.add_done_callback(self._under_way.discard)
        await asyncio.wait({sending}, timeout=_WAIT_SECONDS)
        if sending.done():
            sending.result()

    async def _answer(self, messages: Sequence[Message]) -> dict[str, Any]:
        async with self._database.reading() as session:
            deliveries = await self._repository.deliveries_of(session, [message.id for message in messages])
        return answer_of(messages, deliveries)

    async def _follow(self, call: Call[Any]) -> dict[str, Any]:
        """How the first call's messages fare; goes on with those whose process died."""
        deadline = time.monotonic() + _WAIT_SECONDS
        while True:
            async with self._database.reading() as session:
                found = await self._messages_of(session, call)
            if not found:
                return failure(CODES.key_reused, "The message of this key is no longer on record; send a new key")
            if not any(message.owner for message in found):
                return await self._answer(found)
            left = [one.id for one in found if one.owner and self._leases.is_free(one) and await self._take(one)]
            if left:
                await asyncio.gather(*(self._carry_out(message_id) for message_id in left))
                continue
            if time.monotonic() > deadline:
                text = "An earlier call with this key is still sending; ask again later with the same key"
                return failure(CODES.key_reused, text)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _messages_of(self, session: AsyncSession, call: Call[Any]) -> Sequence[Message]:
        if call.keyed is None:
            return ()
        return await self._repository.messages_of(session, call.keyed.caller, call.keyed.key)

    async def _take(self, message: Message) -> bool:
        async with self._database.unit_of_work() as session:
            return await self._courier.take(session, message)
