"""A way back for who runs the server, when nobody is left who administers the platform."""

from gateway.identity.roles import ADMIN
from gateway.identity.users.password_service import PasswordService
from gateway.identity.users.repository import find_user
from gateway.identity.users.service import UserService
from kernel.contracts.authorizer import PLATFORM, Authorizer
from kernel.db.database import Database
from kernel.errors import NotFound
from kernel.principal import system_principal

_PRINCIPAL = system_principal("command line on the server")


class Recovery:
    """Whoever can read the server's settings may do this: he could read and write the database too."""

    def __init__(
        self, database: Database, authorizer: Authorizer, users: UserService, passwords: PasswordService
    ) -> None:
        self._database = database
        self._authorizer = authorizer
        self._users = users
        self._passwords = passwords

    async def make_administrator(self, username: str, *, creates: bool, temporary: bool) -> str | None:
        """Makes a person administrator by hand, which no identity provider takes away, and lets him in again.

        Args:
            creates: an account is made where there is none.
            temporary: he gets a password that has to be changed, and so does a new account.

        Returns:
            The password, if he got one.

        Raises:
            NotFound: there is no such account, and none is to be made.
        """
        async with self._database.unit_of_work() as session:
            is_new = await find_user(session, username) is None
            if is_new and not creates:
                raise NotFound(f"There is no user {username}; give --create to make the account")
            if is_new:
                await self._users.create(
                    session, _PRINCIPAL, username=username, password_hash=None, display_name="", is_admin=True
                )
            else:
                await self._users.enable(session, _PRINCIPAL, username)
                await self._authorizer.bind_role(session, _PRINCIPAL, username, ADMIN, PLATFORM)
        return await self._passwords.set_temporary(_PRINCIPAL, username) if is_new or temporary else None
