"""Sends what is due of a message, with each step written down on both sides of it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.notify.service.channels.book import Channel, ChannelBook
from adapters.notify.service.channels.kinds import Kind
from adapters.notify.service.content import Content
from adapters.notify.service.delivery.journal import Journal
from adapters.notify.service.delivery.lease import LeaseLost, Leases
from adapters.notify.service.delivery.outbox import Outbox, mail_of
from adapters.notify.service.delivery.pacing import Pacer
from adapters.notify.service.delivery.states import HANDING_OVER, WRONG
from adapters.notify.service.delivery.targets import NoTarget, TargetFinder
from adapters.notify.service.models import Delivery, Message
from adapters.notify.service.repository import NotifyRepository
from adapters.notify.service.transports.chat import ChatSender
from adapters.notify.service.transports.outcome import Ending, Outcome
from adapters.notify.service.transports.smtp import Mailer
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.principal import system_principal
from kernel.secrets import SecretUnreadable

_log = structlog.get_logger()
_SYSTEM = system_principal("notify")
_FAULT = Outcome(Ending.LATER, "something went wrong inside the system; its log has it")


@dataclass(frozen=True, slots=True)
class Work:
    """A message on its way.

    Attributes:
        channel: none when it was switched off or deleted meanwhile.
        due: the deliveries to attempt now.
        targets: what to dial for each of them, by the delivery's id; an outcome where there is nothing to dial.
    """

    message: Message
    channel: Channel | None
    content: Content
    everybody: Sequence[Delivery]
    due: Sequence[Delivery]
    targets: Mapping[str, str | Outcome]


class Courier:
    def __init__(
        self,
        database: Database,
        repository: NotifyRepository,
        book: ChannelBook,
        targets: TargetFinder,
        outbox: Outbox,
        journal: Journal,
        leases: Leases,
        mailer: Mailer,
        chats: ChatSender,
        clock: Clock,
    ) -> None:
        self._database = database
        self._repository = repository
        self._book = book
        self._targets = targets
        self._outbox = outbox
        self._journal = journal
        self._leases = leases
        self._pacer = Pacer()
        self._mailer = mailer
        self._chats = chats
        self._clock = clock

    async def take(self, session: AsyncSession, seen: Message) -> bool:
        """Makes a message this process's own to send; on record is who may get it twice if its last owner died."""
        if not await self._leases.take(session, seen):
            return False
        if seen.owner:
            await self._note_interrupted(session, seen)
        return True

    async def carry_out(self, message_id: str) -> None:
        """Attempts every delivery of a message that is due; the message must be this process's own."""
        try:
            async with self._leases.signs_of_life(message_id):
                work = await self._prepare(message_id)
                groups = await self._admitted(work)
                await asyncio.gather(*(self._send(work, group) for group in groups))
                await self._close(message_id)
        except LeaseLost:
            _log.warning("message_taken_over", message_id=message_id)

    async def _note_interrupted(self, session: AsyncSession, message: Message) -> None:
        everybody = await self._repository.deliveries_of(session, [message.id])
        due = self._due(everybody)
        interrupted = [one for one in due if one.state == HANDING_OVER]
        await self._journal.interrupted(session, interrupted)
        after = {
            "receivers": [one.receiver for one in due],
            "perhaps_twice": [one.receiver for one in interrupted],
        }
        record(session, _SYSTEM, "message.sent_again", "notify_message", message.id, after=after)

    def _due(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        now = self._clock.now()
        return [one for one in deliveries if one.next_at is not None and one.next_at <= now]

    async def _prepare(self, message_id: str) -> Work:
        async with self._database.reading() as session:
            message = await session.get_one(Message, message_id)
            everybody = await self._repository.deliveries_of(session, [message_id])
            due = self._due(everybody)
            channel = await self._book.find(session, message.msg_type)
            targets = {one.id: await self._target(session, channel, one) for one in due}
        try:
            content = self._outbox.content_of(message)
        except SecretUnreadable:
            lost = Outcome(Ending.FAILED, "its content can't be opened: the root key is not configured")
            content, targets = Content("", ""), dict.fromkeys(targets, lost)
        return Work(message, channel, content, everybody, due, targets)

    async def _target(self, session: AsyncSession, channel: Channel | None, one: Delivery) -> str | Outcome:
        if channel is None or not channel.is_active:
            return Outcome(Ending.FAILED, "the channel was switched off")
        try:
            return await self._targets.target(session, channel, one.receiver, one.address)
        except NoTarget as error:
            return Outcome(Ending.FAILED, str(error))

    async def _admitted(self, work: Work) -> list[Sequence[Delivery]]:
        """Deliveries to attempt now, those that go over as one together: a mail to all of its receivers, a chat message
        to all who share an address.
        """
        hopeless = {one.id: found for one in work.due if isinstance(found := work.targets[one.id], Outcome)}
        ready = [one for one in work.due if one.id not in hopeless]
        limits = work.channel.limits if work.channel is not None else None
        is_paced = limits is not None and (limits.per_minute or limits.per_receiver_per_hour)
        if hopeless or is_paced:
            async with self._database.unit_of_work() as session:
                await self._leases.check(session, work.message.id)
                await self._journal.end(
                    session, work.message, hopeless, [one for one in work.due if one.id in hopeless]
                )
                if is_paced:
                    ready = await self._in_pace(session, work, ready)
        if not ready or work.channel is None:
            return []
        if work.channel.kind is Kind.MAIL:
            return [ready]
        groups: dict[str | Outcome, list[Delivery]] = {}
        for one in ready:
            groups.setdefault(work.targets[one.id], []).append(one)
        return list(groups.values())

    async def _in_pace(self, session: AsyncSession, work: Work, ready: Sequence[Delivery]) -> list[Delivery]:
        admitted, now = [], self._clock.now()
        for one in ready:
            if work.channel is None:
                continue
            due_at = await self._pacer.admit(session, work.channel, one.receiver, now)
            if due_at is None:
                admitted.append(one)
            else:
                await self._journal.hold(session, one, due_at)
        return admitted

    async def _send(self, work: Work, group: Sequence[Delivery]) -> None:
        try:
            outcomes = await self._outcomes(work, group)
        except LeaseLost:
            raise
        except Exception as error:  # noqa: BLE001  whatever goes wrong with one message counts as an attempt of it
            _log.error("message_not_sent", message_id=work.message.id, exc_info=error)
            outcomes = {one.id: _FAULT for one in group}
        async with self._database.unit_of_work() as session:
            await self._leases.check(session, work.message.id)
            await self._journal.end(session, work.message, outcomes, group)

    async def _outcomes(self, work: Work, group: Sequence[Delivery]) -> dict[str, Outcome]:
        """By the delivery's id."""
        channel = work.channel
        if channel is None:
            raise RuntimeError("a message without a channel has nothing to send")
        if channel.server is None:
            await self._begin(work, group)
            outcome = await self._chats.send(channel.kind, str(work.targets[group[0].id]), work.content)
            return {one.id: outcome for one in group}
        mail = mail_of(work.message, channel.server.mail_from, work.content, work.everybody)
        addresses = list(dict.fromkeys(one.address for one in group))
        found = await self._mailer.send(channel.server, mail, addresses, lambda: self._begin(work, group))
        return {one.id: found[one.address] for one in group}

    async def _begin(self, work: Work, group: Sequence[Delivery]) -> None:
        async with self._database.unit_of_work() as session:
            await self._leases.check(session, work.message.id)
            await self._journal.begin(session, group)

    async def _close(self, message_id: str) -> None:
        """Gives the message up for others; its content goes when nobody needs it any more."""
        async with self._database.unit_of_work() as session:
            everybody = await self._repository.deliveries_of(session, [message_id])
            if all(one.next_at is None and one.state not in WRONG for one in everybody):
                await self._repository.forget_content(session, message_id)
            await self._repository.release(session, message_id, self._leases.me)
