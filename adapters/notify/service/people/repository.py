"""Reads and writes what is kept of people."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.notify.service.people.models import UserAddress


class PeopleRepository:
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
