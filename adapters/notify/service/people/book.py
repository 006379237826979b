"""The addresses that users have, by kind of message."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.notify.service.channels.kinds import MAIL
from adapters.notify.service.people.repository import PeopleRepository
from kernel.contracts.profiles import Profiles
from kernel.secrets import SecretBox, SecretUnreadable

ADDRESS_PURPOSE = "notify address"


class AddressBook:
    """Addresses set here; for mail also those that the platform has in its users' profiles."""

    def __init__(self, repository: PeopleRepository, secrets: SecretBox, profiles: Profiles) -> None:
        self._repository = repository
        self._secrets = secrets
        self._profiles = profiles

    async def addresses(self, session: AsyncSession, msg_type: str, usernames: Sequence[str]) -> dict[str, str]:
        """User name → address, of those who have one that can be read."""
        found = {}
        for row in await self._repository.addresses_of(session, msg_type, usernames):
            try:
                found[row.username] = self._secrets.open(row.address_sealed, ADDRESS_PURPOSE).decode()
            except SecretUnreadable:
                continue
        missing = [name for name in usernames if name not in found]
        if msg_type == MAIL and missing:
            profiles = await self._profiles.find(session, missing)
            found.update({name: profile.mail for name, profile in profiles.items() if profile.mail})
        return found

    async def languages(self, session: AsyncSession, usernames: Sequence[str]) -> dict[str, str]:
        """User name → language, of those who chose one."""
        profiles = await self._profiles.find(session, usernames)
        return {name: profile.language for name, profile in profiles.items() if profile.language is not None}
