"""What other units may know of users: implemented by gateway.identity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class Profile:
    """Attributes:
    mail: address; empty when the user has none.
    language: in which the user reads, `en` or `zh`; None where he has chosen none.
    """

    mail: str
    language: str | None


class Profiles(Protocol):
    async def find(self, session: AsyncSession, usernames: Sequence[str]) -> Mapping[str, Profile]:
        """User name → profile, of those users who may sign in."""
        ...


class NoProfiles:
    """Nothing is known of users."""

    async def find(self, _session: AsyncSession, _usernames: Sequence[str]) -> Mapping[str, Profile]:
        return {}
