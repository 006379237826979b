"""The first administrator, so that somebody can sign in after the first start."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity.api_tokens.service import ApiTokenService, TokenOrder
from gateway.identity.users.passwords import Passwords
from gateway.identity.users.repository import count_users
from gateway.identity.users.service import UserService
from kernel.principal import system_principal
from kernel.settings import Settings

ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Bootstrapped:
    """Attributes:
    api_token: the administrator's token for the command line on this machine, shown this once.
    """

    username: str
    api_token: str


class Bootstrap:
    def __init__(self, users: UserService, api_tokens: ApiTokenService, passwords: Passwords) -> None:
        self._users = users
        self._api_tokens = api_tokens
        self._passwords = passwords

    async def admin(self, session: AsyncSession, settings: Settings) -> Bootstrapped | None:
        """Makes `admin`, with the password of the settings and an API token, when there is no user at all."""
        if await count_users(session) > 0:
            return None
        principal = system_principal("first start")
        password_hash = await self._passwords.hash(settings.admin_password.get_secret_value())
        await self._users.create(
            session,
            principal,
            username=ADMIN,
            password_hash=password_hash,
            display_name="Administrator",
            is_admin=True,
        )
        _, token = await self._api_tokens.create(session, principal, ADMIN, TokenOrder("command line on the server"))
        return Bootstrapped(ADMIN, token)
