"""Sending under an idempotency key: one key, one message, whatever dies.

First the message and its deliveries are kept, with the key; then it is handed over, with a note right before; then
what became of it is kept with the answer. A repeat finds the answer, or waits for it while the first still sends. When
the first's process died, the repeat takes the message over and sends what is not settled. A crash before the note has
sent nothing; one between note and outcome may have, and then the repeat is the same mail with the same Message-ID, by
which mail servers and readers know it again (RFC 5322 section 3.6.4).
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from adapters.notify.service.channels import CHANNELS, MAIL, SMS, VOICE, WEIXIN, AddressRules
from adapters.notify.service.delivering import Courier, KeyTaken, Outcome
from adapters.notify.service.errors import CODES, NOT_DELIVERED, ParameterWrong
from adapters.notify.service.mail import Mailer
from adapters.notify.service.models import NotifyIdempotency
from adapters.notify.service.outbox import Dispatch, Order, Outbox
from adapters.notify.service.receivers import Receiver, named, receivers_of, users_or_mail_addresses
from adapters.notify.service.repository import NotifyRepository
from adapters.notify.service.schemas import SendMail, SendMessage, SendSms, SendVoiceMessage, SendWeixin
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.db.idempotency import Earlier, IdempotencyLedger, KeyedRequest
from kernel.envelope import failure, success
from kernel.http.component_app import Call
from kernel.machine import ProcessIdentity, is_gone, this_process
from kernel.secrets import SecretBox
from kernel.settings import Settings

_log = structlog.get_logger()

_WAIT_SECONDS = 25.0
_LOOK_SECONDS = 0.1
_SIGN_OF_LIFE_SECONDS = 5.0
_SILENT_SECONDS = 20.0
"""Less than a repeat waits, so that it can take over from a machine that is gone with its process."""


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
        self._ledger = ledger
        self._clock = clock
        self._me = str(this_process())
        mailer = Mailer(settings)
        self._outbox = Outbox(repository, mailer, AddressRules(settings), secrets, clock)
        self._courier = Courier(database, repository, ledger, mailer, clock, self._me)

    async def send_mail(self, call: Call[SendMail]) -> dict[str, Any]:
        asked = call.params
        to = users_or_mail_addresses(asked.receiver or asked.receiver__username)
        copies = users_or_mail_addresses(asked.cc or asked.cc__username)
        return await self._once(Order(call.caller, call.keyed, MAIL, asked.to_content(), to, copies))

    async def send_msg(self, call: Call[SendMessage]) -> dict[str, Any]:
        asked = call.params
        channel = CHANNELS.get(asked.msg_type)
        if channel is None or not channel.is_offered:
            offered = [name for name, one in CHANNELS.items() if one.is_offered]
            raise ParameterWrong("msg_type", f"{asked.msg_type} is not offered; there are {', '.join(offered)}")
        to = users_or_mail_addresses(asked.receiver or asked.receiver__username)
        copies = users_or_mail_addresses(asked.cc__username) if asked.msg_type == MAIL else []
        return await self._once(Order(call.caller, call.keyed, asked.msg_type, asked.to_content(), to, copies))

    async def send_sms(self, call: Call[SendSms]) -> dict[str, Any]:
        asked = call.params
        to = receivers_of(asked.receiver, asked.receiver__username)
        return await self._once(Order(call.caller, call.keyed, SMS, asked.to_content(), to))

    async def send_weixin(self, call: Call[SendWeixin]) -> dict[str, Any]:
        asked = call.params
        to = receivers_of(asked.receiver, asked.receiver__username)
        return await self._once(Order(call.caller, call.keyed, WEIXIN, asked.to_content(), to))

    async def send_voice_msg(self, call: Call[SendVoiceMessage]) -> dict[str, Any]:
        asked = call.params
        listed = [Receiver(one.username, one.mobile_phone) for one in asked.user_list_information]
        to = listed or [Receiver(one) for one in asked.receiver__username]
        return await self._once(Order(call.caller, call.keyed, VOICE, asked.to_content(), to))

    async def _once(self, order: Order) -> dict[str, Any]:
        if not order.to:
            raise ParameterWrong("receiver", "is missing; send receiver or receiver__username")
        try:
            dispatch = await self._begin(order)
        except KeyTaken as taken:
            return await self._follow(order, taken.keyed)
        return await self._carry_out(dispatch)

    async def _begin(self, order: Order) -> Dispatch:
        async with self._database.unit_of_work() as session:
            if order.keyed is not None and await self._ledger.claim(session, order.keyed, self._me) is not None:
                raise KeyTaken(order.keyed)
            return await self._outbox.put(session, order)

    async def _carry_out(self, dispatch: Dispatch) -> dict[str, Any]:
        keyed = dispatch.order.keyed
        try:
            async with self._signs_of_life(keyed):
                outcomes = await self._courier.deliver(dispatch)
        except KeyTaken as taken:
            return await self._follow(dispatch.order, taken.keyed)
        answer = _answer(dispatch, outcomes)
        async with self._database.unit_of_work() as session:
            await self._courier.settle(session, dispatch, outcomes)
            if keyed is not None:
                await self._ledger.keep(session, keyed, answer)
        return answer

    async def _follow(self, order: Order, keyed: KeyedRequest) -> dict[str, Any]:
        """The answer of the call that has the key; carries it out itself when that call's process died."""
        deadline = time.monotonic() + _WAIT_SECONDS
        while True:
            async with self._database.reading() as session:
                earlier = await self._ledger.look(session, keyed)
            if earlier is None:
                raise RuntimeError("a key that was claimed has no record")
            if earlier.answer is not None:
                return earlier.answer
            dispatch = await self._take_over(order, keyed, earlier) if self._died(earlier) else None
            if dispatch is not None:
                return await self._carry_out(dispatch)
            if time.monotonic() > deadline:
                text = "An earlier call with this key is still sending; ask again later with the same key"
                return failure(CODES.key_reused, text)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _take_over(self, order: Order, keyed: KeyedRequest, seen: Earlier) -> Dispatch | None:
        async with self._database.unit_of_work() as session:
            if not await self._ledger.take_over(session, keyed, seen, self._me):
                return None
            return await self._outbox.find_again(session, order, keyed)

    def _died(self, earlier: Earlier) -> bool:
        if is_gone(ProcessIdentity.parse(earlier.owner)):
            return True
        return (self._clock.now() - earlier.created_at).total_seconds() > _SILENT_SECONDS

    @asynccontextmanager
    async def _signs_of_life(self, keyed: KeyedRequest | None) -> AsyncIterator[None]:
        """Lets repeats know that this process is at work, however long an SMTP server takes."""
        if keyed is None:
            yield
            return
        done = asyncio.Event()
        beat = asyncio.create_task(self._beat(keyed, done))
        try:
            yield
        finally:
            done.set()
            await beat

    async def _beat(self, keyed: KeyedRequest, done: asyncio.Event) -> None:
        while True:
            try:
                await asyncio.wait_for(done.wait(), _SIGN_OF_LIFE_SECONDS)
            except TimeoutError:
                try:
                    async with self._database.unit_of_work() as session:
                        await self._ledger.renew(session, keyed, self._me)
                except SQLAlchemyError as error:
                    _log.warning("sign_of_life_failed", reason=type(error).__name__)
            else:
                return


def _answer(dispatch: Dispatch, outcomes: dict[str, Outcome]) -> dict[str, Any]:
    deliveries = [
        {"receiver": one.receiver, "state": outcomes[one.receiver][0], "error": outcomes[one.receiver][1]}
        for one in dispatch.addressees
    ]
    data = {
        "message_id": dispatch.message.id,
        "username_check": {"invalid": [one.receiver for one in dispatch.addressees if not one.address]},
        "deliveries": deliveries,
    }
    wrong = [one for one in deliveries if one["state"] != "sent"]
    if not wrong:
        return success(data)
    reasons = named(f"{one['receiver']} ({one['error']})" for one in wrong)
    which = "All" if len(wrong) == len(deliveries) else "Some"
    return failure(NOT_DELIVERED, f"{which} users failed to send message: {reasons}", data)
