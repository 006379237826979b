"""What other units may know of users."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.identity.users.models import User


class UserProfiles:
    """Implements `kernel.contracts.profiles.Profiles`."""

    async def mail_addresses(self, session: AsyncSession, usernames: Sequence[str]) -> Mapping[str, str]:
        wanted = select(col(User.username), col(User.email)).where(
            col(User.username).in_(list(usernames)), col(User.is_active), col(User.email) != ""
        )
        return {row.username: row.email for row in await session.execute(wanted)}
