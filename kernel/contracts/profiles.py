"""What other units may know of users: implemented by gateway.identity."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession


class Profiles(Protocol):
    async def mail_addresses(self, session: AsyncSession, usernames: Sequence[str]) -> Mapping[str, str]:
        """User name → mail address, of those users who may sign in and have one."""
        ...


class NoProfiles:
    """Nothing is known of users."""

    async def mail_addresses(self, _session: AsyncSession, _usernames: Sequence[str]) -> Mapping[str, str]:
        return {}
