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
from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.notify.service.answers import answer_of
from adapters.notify.service.channels.book import Channel, ChannelBook
from adapters.notify.service.channels.kinds import MAIL, SMS, VOICE, WEIXIN, Kind
from adapters.notify.service.content import Content
from adapters.notify.service.delivery.courier import Courier
from adapters.notify.service.delivery.lease import Leases
from adapters.notify.service.delivery.outbox import Order, Outbox
from adapters.notify.service.errors import CODES, ParameterWrong
from adapters.notify.service.models import Message, NotifyIdempotency
from adapters.notify.service.receivers import Receiver, receivers_of, users_or_mail_addresses
from adapters.notify.service.repository import NotifyRepository
from adapters.notify.service.schemas import SendMail, SendMessage, SendSms, SendVoiceMessage, SendWeixin
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
        outbox: Outbox,
        courier: Courier,
        leases: Leases,
    ) -> None:
        self._database = database
        self._repository = repository
        self._ledger = ledger
        self._book = book
        self._outbox = outbox
        self._courier = courier
        self._leases = leases
        self._under_way: set[asyncio.Task[None]] = set()

    async def send_mail(self, call: Call[SendMail]) -> dict[str, Any]:
        asked = call.params
        to = users_or_mail_addresses(asked.receiver or asked.receiver__username)
        copies = users_or_mail_addresses(asked.cc or asked.cc__username)
        return await self._once(call, MAIL, asked.to_content(), to, copies)

    async def send_msg(self, call: Call[SendMessage]) -> dict[str, Any]:
        asked = call.params
        to = users_or_mail_addresses(asked.receiver or asked.receiver__username)
        copies = users_or_mail_addresses(asked.cc__username)
        return await self._once(call, asked.msg_type, asked.to_content(), to, copies)

    async def send_sms(self, call: Call[SendSms]) -> dict[str, Any]:
        asked = call.params
        return await self._once(call, SMS, asked.to_content(), receivers_of(asked.receiver, asked.receiver__username))

    async def send_weixin(self, call: Call[SendWeixin]) -> dict[str, Any]:
        asked = call.params
        return await self._once(
            call, WEIXIN, asked.to_content(), receivers_of(asked.receiver, asked.receiver__username)
        )

    async def send_voice_msg(self, call: Call[SendVoiceMessage]) -> dict[str, Any]:
        asked = call.params
        listed = [Receiver(one.username, one.mobile_phone) for one in asked.user_list_information]
        to = listed or [Receiver(one) for one in asked.receiver__username]
        return await self._once(call, VOICE, asked.to_content(), to)

    async def stop(self) -> None:
        """Waits for what is being handed over; a process that dies anyway leaves it to the next."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=3)

    async def _once(
        self, call: Call[Any], msg_type: str, content: Content, to: list[Receiver], copies: list[Receiver] | None = None
    ) -> dict[str, Any]:
        if not to:
            raise ParameterWrong("receiver", "is missing; send receiver or receiver__username")
        keyed = call.keyed
        async with self._database.unit_of_work() as session:
            earlier = await self._ledger.claim(session, keyed, self._leases.me) if keyed is not None else None
            message = await self._put(session, call, msg_type, content, to, copies) if earlier is None else None
        if earlier is not None and earlier.answer is not None:
            return earlier.answer
        if message is None:
            return await self._follow(call)
        await self._carry_out(message.id)
        return await self._answer(message.id)

    async def _put(
        self,
        session: AsyncSession,
        call: Call[Any],
        msg_type: str,
        content: Content,
        to: list[Receiver],
        copies: list[Receiver] | None,
    ) -> Message:
        channel = await self._channel(session, msg_type)
        copies = (copies or []) if channel.kind is Kind.MAIL else []
        return await self._outbox.put(
            session, Order(call.caller, call.keyed, channel, content, to, copies), self._leases.me
        )

    async def _channel(self, session: AsyncSession, msg_type: str) -> Channel:
        channel = await self._book.find(session, msg_type)
        if channel is None or not channel.is_active:
            offered = [one.msg_type for one in await self._book.all(session) if one.is_active]
            raise ParameterWrong("msg_type", f"{msg_type} is not offered; there are {', '.join(offered)}")
        return channel

    async def _carry_out(self, message_id: str) -> None:
        """The first attempt; one that takes longer than a caller waits goes on behind the answer."""
        sending = asyncio.create_task(self._courier.carry_out(message_id), name="notify sending")
        self._under_way.add(sending)
        sending.add_done_callback(self._under_way.discard)
        await asyncio.wait({sending}, timeout=_WAIT_SECONDS)
        if sending.done():
            sending.result()

    async def _answer(self, message_id: str) -> dict[str, Any]:
        async with self._database.reading() as session:
            return answer_of(message_id, await self._repository.deliveries_of(session, [message_id]))

    async def _follow(self, call: Call[Any]) -> dict[str, Any]:
        """How the first call's message fares; goes on with it when that call's process died."""
        deadline = time.monotonic() + _WAIT_SECONDS
        while True:
            async with self._database.reading() as session:
                found = await self._messages_of(session, call)
            if not found:
                return failure(CODES.key_reused, "The message of this key is no longer on record; send a new key")
            message = found[-1]
            if not message.owner:
                return await self._answer(message.id)
            if self._leases.is_free(message) and await self._take(message):
                await self._carry_out(message.id)
                return await self._answer(message.id)
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
