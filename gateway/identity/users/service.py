from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity.users.models import User
from gateway.identity.users.repository import find_user, users_page
from kernel.audit.log import record
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.db.pages import PageOf, PageRequest
from kernel.errors import Conflict
from kernel.principal import Principal


class UserService:
    def __init__(self, authorizer: Authorizer) -> None:
        self._authorizer = authorizer

    async def browse(self, session: AsyncSession, principal: Principal, page: PageRequest) -> PageOf[User]:
        await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
        return await users_page(session, page)

    async def create(
        self,
        session: AsyncSession,
        principal: Principal,
        *,
        username: str,
        password_hash: str,
        display_name: str,
        is_admin: bool,
        language: str = "en",
    ) -> User:
        """A new person.

        Raises:
            Conflict: the name is taken.
        """
        await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
        if await find_user(session, username) is not None:
            raise _taken(username)
        user = User(
            username=username,
            password_hash=password_hash,
            display_name=display_name or username,
            is_admin=is_admin,
            language=language,
        )
        session.add(user)
        try:
            await session.flush()
        except IntegrityError as error:  # somebody else was quicker
            raise _taken(username) from error
        record(
            session,
            principal,
            "user.created",
            "user",
            username,
            after={"display_name": user.display_name, "is_admin": is_admin},
        )
        return user


def _taken(username: str) -> Conflict:
    return Conflict(f"The user name {username} is taken")
