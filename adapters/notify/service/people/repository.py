"""Reads and writes what is kept of people."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.notify.service.people.models import UserAddress, UserPreferences


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

    async def addresses_of(
        self, session: AsyncSession, msg_type: str, usernames: Sequence[str]
    ) -> Sequence[UserAddress]:
        statement = select(UserAddress).where(
            col(UserAddress.username).in_(list(usernames)), col(UserAddress.msg_type) == msg_type
        )
        return (await session.execute(statement)).scalars().all()

    async def preferences(self, session: AsyncSession, username: str) -> UserPreferences | None:
        return await session.get(UserPreferences, username)

    async def preferences_of(self, session: AsyncSession, usernames: Sequence[str]) -> Sequence[UserPreferences]:
        statement = select(UserPreferences).where(col(UserPreferences.username).in_(list(usernames)))
        return (await session.execute(statement)).scalars().all()

    async def remove_preferences(self, session: AsyncSession, username: str) -> None:
        await session.execute(delete(UserPreferences).where(col(UserPreferences.username) == username))
