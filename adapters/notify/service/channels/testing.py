"""One message through a channel, to see whether it works: sent at once, tried once, told truly."""

import time
from typing import Any

from adapters.notify.service.channels.book import Channel, ChannelBook
from adapters.notify.service.channels.kinds import Kind
from adapters.notify.service.channels.schemas import TestChannel
from adapters.notify.service.content import Content
from adapters.notify.service.delivery.targets import NoTarget, TargetFinder
from adapters.notify.service.errors import ParameterWrong
from adapters.notify.service.receivers import Receiver, is_mail_address
from adapters.notify.service.transports.chat import ChatSender
from adapters.notify.service.transports.compose import compose
from adapters.notify.service.transports.outcome import Ending, Outcome
from adapters.notify.service.transports.smtp import Mailer
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.envelope import success
from kernel.http.component_app import Call
from kernel.ids import new_id


class ChannelTester:
    def __init__(
        self,
        database: Database,
        book: ChannelBook,
        targets: TargetFinder,
        mailer: Mailer,
        chats: ChatSender,
        clock: Clock,
    ) -> None:
        self._database = database
        self._book = book
        self._targets = targets
        self._mailer = mailer
        self._chats = chats
        self._clock = clock

    async def test_channel(self, call: Call[TestChannel]) -> dict[str, Any]:
        channel, target = await self._prepare(call)
        began = time.monotonic()
        outcome = await self._send(channel, target)
        async with self._database.unit_of_work() as session:
            after = {"sent": outcome.ending is Ending.SENT, "receiver": call.params.receiver}
            record(
                session, call.caller.principal, "notify_channel.tested", "notify_channel", channel.msg_type, after=after
            )
        return success(
            {
                "sent": outcome.ending is Ending.SENT,
                "detail": outcome.detail,
                "seconds": round(time.monotonic() - began, 3),
            }
        )

    async def _prepare(self, call: Call[TestChannel]) -> tuple[Channel, str]:
        asked = call.params
        async with self._database.reading() as session:
            channel = await self._book.find(session, asked.msg_type)
            if channel is None:
                raise ParameterWrong("msg_type", f"{asked.msg_type} is not set up")
            given = asked.receiver if _is_address(channel.kind, asked.receiver) else ""
            receiver = Receiver(asked.receiver, given)
            try:
                address = (await self._targets.addresses(session, channel, [receiver]))[receiver.name]
                return channel, await self._targets.target(session, channel, receiver.name, address)
            except NoTarget as error:
                raise ParameterWrong("receiver", str(error)) from None

    async def _send(self, channel: Channel, target: str) -> Outcome:
        content = Content("Test · 测试", f"The channel {channel.msg_type} works. 通道 {channel.msg_type} 可用。")
        if channel.server is None:
            return await self._chats.send(channel.kind, target, content)
        mail = compose(new_id(), channel.server.mail_from, content, [target], [], self._clock.now())
        return (await self._mailer.send(channel.server, mail, [target], _nothing))[target]


def _is_address(kind: Kind, receiver: str) -> bool:
    if kind is Kind.MAIL:
        return is_mail_address(receiver)
    return kind in {Kind.SMS, Kind.VOICE} and receiver.lstrip("+").isdigit()


async def _nothing() -> None:
    return None
