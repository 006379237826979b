"""Reads and writes addresses, messages and deliveries."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.notify.service.models import Delivery, Message, UserAddress
from adapters.notify.service.schemas import ListDeliveries


class NotifyRepository:
    async def addresses(self, session: AsyncSession, usernames: Iterable[str], msg_type: str) -> dict[str, str]:
        """User name → sealed address."""
        statement = select(UserAddress).where(
            col(UserAddress.username).in_(list(usernames)), col(UserAddress.msg_type) == msg_type
        )
        return {row.username: row.address_sealed for row in (await session.execute(statement)).scalars()}

    async def address(self, session: AsyncSession, username: str, msg_type: str) -> UserAddress | None:
        return await session.get(UserAddress, (username, msg_type))

    async def remove_address(self, session: AsyncSession, username: str, msg_type: str) -> None:
        await session.execute(
            delete(UserAddress).where(col(UserAddress.username) == username, col(UserAddress.msg_type) == msg_type)
        )

    async def listed_addresses(self, session: AsyncSession, usernames: Sequence[str]) -> Sequence[UserAddress]:
        statement = select(UserAddress).order_by(col(UserAddress.username), col(UserAddress.msg_type)).limit(1000)
        if usernames:
            statement = statement.where(col(UserAddress.username).in_(usernames))
        return (await session.execute(statement)).scalars().all()

    async def deliveries(
        self, session: AsyncSession, app: str, asked: ListDeliveries
    ) -> list[tuple[Delivery, Message]]:
        """An app's own deliveries, newest first."""
        statement = (
            select(Delivery, Message)
            .join(Message, col(Delivery.message_id) == col(Message.id))
            .where(col(Message.app) == app)
            .order_by(col(Delivery.id).desc())
            .limit(asked.limit)
        )
        if asked.message_id is not None:
            statement = statement.where(col(Message.id) == asked.message_id)
        if asked.idempotency_key is not None:
            statement = statement.where(col(Message.idempotency_key) == asked.idempotency_key)
        return [(delivery, message) for delivery, message in (await session.execute(statement)).all()]

    async def finish(self, session: AsyncSession, delivery_id: str, state: str, error: str, at: datetime) -> None:
        await session.execute(
            update(Delivery)
            .where(col(Delivery.id) == delivery_id)
            .values(state=state, error=error[:1000], finished_at=at)
        )

    async def mark_handing_over(self, session: AsyncSession, delivery_ids: Iterable[str]) -> None:
        statement = update(Delivery).where(col(Delivery.id).in_(list(delivery_ids)))
        await session.execute(statement.values(state="handing_over"))

    async def message_of(self, session: AsyncSession, app: str, key: str) -> tuple[Message, list[Delivery]]:
        """The newest message with the key, and its deliveries in the order in which they were asked for."""
        newest = (
            select(Message)
            .where(col(Message.app) == app, col(Message.idempotency_key) == key)
            .order_by(col(Message.created_at).desc())
            .limit(1)
        )
        message = (await session.execute(newest)).scalar_one()
        found = select(Delivery).where(col(Delivery.message_id) == message.id).order_by(col(Delivery.id))
        return message, list((await session.execute(found)).scalars())
