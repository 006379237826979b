"""What other units may know of users."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.identity.users.models import User
from kernel.contracts.profiles import Profile


class UserProfiles:
    """Implements `kernel.contracts.profiles.Profiles`."""

    async def find(self, session: AsyncSession, usernames: Sequence[str]) -> Mapping[str, Profile]:
        wanted = select(User).where(col(User.username).in_(list(usernames)), col(User.is_active))
        return {user.username: Profile(user.email, user.language) for user in (await session.execute(wanted)).scalars()}
