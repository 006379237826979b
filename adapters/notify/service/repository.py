"""Reads and writes messages and deliveries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.notify.service.models import Attempt, Delivery, Message


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Attributes:
    app: empty for those of every app. receiver: its beginning.
    """

    app: str = ""
    message_id: str = ""
    idempotency_key: str = ""
    receiver: str = ""
    msg_type: str = ""
    states: Sequence[str] = ()
    since: datetime | None = None
    before: str = ""


class NotifyRepository:
    async def deliveries(
        self, session: AsyncSession, wanted: DeliveryFilter, limit: int
    ) -> list[tuple[Delivery, Message]]:
        """Newest first."""
        statement = _filtered(wanted).order_by(col(Delivery.id).desc()).limit(limit)
        return [(delivery, message) for delivery, message in (await session.execute(statement)).all()]

    async def delivery(self, session: AsyncSession, delivery_id: str) -> tuple[Delivery, Message] | None:
        statement = (
            select(Delivery, Message)
            .join(Message, col(Delivery.message_id) == col(Message.id))
            .where(col(Delivery.id) == delivery_id)
        )
        found = (await session.execute(statement)).first()
        return (found[0], found[1]) if found is not None else None

    async def attempts(self, session: AsyncSession, delivery_id: str) -> Sequence[Attempt]:
        statement = select(Attempt).where(col(Attempt.delivery_id) == delivery_id).order_by(col(Attempt.id))
        return (await session.execute(statement)).scalars().all()

    async def messages_of(self, session: AsyncSession, app: str, key: str) -> Sequence[Message]:
        """What a call with this key asked to be sent, in its order."""
        statement = (
            select(Message)
            .where(col(Message.app) == app, col(Message.idempotency_key) == key)
            .order_by(col(Message.id))
        )
        return (await session.execute(statement)).scalars().all()

    async def together(self, session: AsyncSession, app: str, message_id: str) -> Sequence[Message]:
        """A message of the app, with the others that its call asked for."""
        message = await session.get(Message, message_id)
        if message is None or message.app != app:
            return ()
        return await self.messages_of(session, app, message.idempotency_key) if message.idempotency_key else (message,)

    async def deliveries_of(self, session: AsyncSession, message_ids: Iterable[str]) -> Sequence[Delivery]:
        """In the order in which they were asked for."""
        statement = (
            select(Delivery)
            .where(col(Delivery.message_id).in_(list(message_ids)))
            .order_by(col(Delivery.message_id), col(Delivery.position))
        )
        return (await session.execute(statement)).scalars().all()

    async def due_messages(self, session: AsyncSession, now: datetime, limit: int) -> Sequence[Message]:
        """Messages with a delivery that is due, those that nobody sends first."""
        due = select(col(Delivery.message_id)).where(col(Delivery.next_at) <= now)
        statement = (
            select(Message).where(col(Message.id).in_(due)).order_by(col(Message.owner), col(Message.id)).limit(limit)
        )
        return (await session.execute(statement)).scalars().all()

    async def take(self, session: AsyncSession, seen: Message, owner: str, until: datetime) -> bool:
        """Makes the message the new owner's; false when anybody was at work since it was `seen`."""
        unchanged = [col(Message.id) == seen.id, col(Message.owner) == seen.owner]
        if seen.owned_until is not None:
            unchanged.append(col(Message.owned_until) == seen.owned_until)
        return await self._own(session, unchanged, owner, until)

    async def keep(self, session: AsyncSession, message_id: str, owner: str, until: datetime) -> bool:
        """Says that the owner is at work; false when another has taken the message over."""
        return await self._own(session, [col(Message.id) == message_id, col(Message.owner) == owner], owner, until)

    async def release(self, session: AsyncSession, message_id: str, owner: str) -> None:
        mine = (col(Message.id) == message_id, col(Message.owner) == owner)
        await session.execute(update(Message).where(*mine).values(owner="", owned_until=None))

    async def write(self, session: AsyncSession, one: Delivery) -> None:
        """Keeps what moves of a delivery that was read in another session."""
        values = {
            "state": one.state,
            "error": one.error,
            "attempts": one.attempts,
            "tries_left": one.tries_left,
            "next_at": one.next_at,
            "finished_at": one.finished_at,
        }
        await session.execute(update(Delivery).where(col(Delivery.id) == one.id).values(values))

    async def open_attempts(self, session: AsyncSession, delivery_id: str) -> Sequence[Attempt]:
        """Those that have begun and not ended."""
        wanted = select(Attempt).where(col(Attempt.delivery_id) == delivery_id, col(Attempt.finished_at).is_(None))
        return (await session.execute(wanted)).scalars().all()

    async def forget_content(self, session: AsyncSession, message_id: str) -> None:
        await session.execute(update(Message).where(col(Message.id) == message_id).values(content_sealed=""))

    async def forget_settled(self, session: AsyncSession, before: datetime, limit: int) -> int:
        """Removes messages from before a time of which nothing waits, with all that belongs to them; how many."""
        waiting = select(col(Delivery.message_id)).where(col(Delivery.next_at).is_not(None))
        old = (
            select(col(Message.id))
            .where(col(Message.created_at) < before, col(Message.id).not_in(waiting))
            .limit(limit)
        )
        ids = list((await session.execute(old)).scalars())
        deliveries = select(col(Delivery.id)).where(col(Delivery.message_id).in_(ids))
        await session.execute(delete(Attempt).where(col(Attempt.delivery_id).in_(deliveries)))
        await session.execute(delete(Delivery).where(col(Delivery.message_id).in_(ids)))
        await session.execute(delete(Message).where(col(Message.id).in_(ids)))
        return len(ids)

    async def _own(
        self, session: AsyncSession, where: Sequence[ColumnElement[bool]], owner: str, until: datetime
    ) -> bool:
        statement = update(Message).where(*where).values(owner=owner, owned_until=until)
        return (await session.execute(statement.returning(col(Message.id)))).first() is not None


def _filtered(wanted: DeliveryFilter) -> Select[Delivery, Message]:
    statement = select(Delivery, Message).join(Message, col(Delivery.message_id) == col(Message.id))
    for column, value in (
        (col(Message.app), wanted.app),
        (col(Message.id), wanted.message_id),
        (col(Message.idempotency_key), wanted.idempotency_key),
        (col(Message.msg_type), wanted.msg_type),
    ):
        if value:
            statement = statement.where(column == value)
    if wanted.receiver:
        statement = statement.where(col(Delivery.receiver).startswith(wanted.receiver, autoescape=True))
    if wanted.states:
        statement = statement.where(col(Delivery.state).in_(list(wanted.states)))
    if wanted.since is not None:
        statement = statement.where(col(Message.created_at) >= wanted.since)
    if wanted.before:
        statement = statement.where(col(Delivery.id) < wanted.before)
    return statement
