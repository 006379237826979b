from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity.api_tokens.repository import remove_tokens_of
from gateway.identity.roles import ADMIN
from gateway.identity.sessions.repository import remove_sessions_of
from gateway.identity.users.models import User
from gateway.identity.users.repository import (
    active_administrators,
    administrators_among,
    find_user,
    is_administrator,
    lock_administrators,
    remove_password_link,
    users_page,
)
from kernel.audit.log import record
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.db.pages import PageRequest
from kernel.errors import Conflict, NotFound
from kernel.principal import Principal


@dataclass(frozen=True, slots=True)
class Person:
    """A user, and whether he administers the platform."""

    user: User
    is_admin: bool


@dataclass(frozen=True, slots=True)
class People:
    items: Sequence[Person]
    next: str | None


class GivenToApps(Protocol):
    """What people allowed apps: implemented by gateway.oauth."""

    async def lock(self, session: AsyncSession) -> None:
        """Comes before any other lock of the unit of work."""
        ...

    async def end_user(self, session: AsyncSession, principal: Principal, username: str) -> int:
        """Ends all of it; answers the revision at which every process refuses the tokens."""
        ...


class UserService:
    def __init__(self, authorizer: Authorizer, given_to_apps: Callable[[], GivenToApps]) -> None:
        self._authorizer = authorizer
        self._given_to_apps = given_to_apps

    async def browse(
        self,
        session: AsyncSession,
        principal: Principal,
        page: PageRequest,
        search: str | None = None,
        *,
        active: bool | None = None,
    ) -> People:
        await self._require_administrator(session, principal)
        found = await users_page(session, page, search, active=active)
        administrators = await administrators_among(session, [user.username for user in found.items])
        return People([Person(user, user.username in administrators) for user in found.items], found.next)

    async def get(self, session: AsyncSession, principal: Principal, username: str) -> Person:
        """Raises NotFound."""
        await self._require_administrator(session, principal)
        user = await existing(session, username)
        return Person(user, await is_administrator(session, username))

    async def create(
        self,
        session: AsyncSession,
        principal: Principal,
        *,
        username: str,
        password_hash: str | None,
        display_name: str,
        is_admin: bool,
        language: str | None = None,
        email: str = "",
    ) -> Person:
        """A new person.

        Raises:
            Conflict: the name is taken.
        """
        await self._require_administrator(session, principal)
        user = User(
            username=username,
            password_hash=password_hash,
            display_name=display_name or username,
            email=email,
            language=language,
        )
        await add_user(session, principal, user, is_admin=is_admin)
        if is_admin:
            await self._authorizer.bind_role(session, principal, username, ADMIN, PLATFORM)
        return Person(user, is_admin)

    async def change(self, session: AsyncSession, principal: Principal, username: str, **changed: Any) -> Person:
        """Changes `display_name`, `email` or `language`; everybody may change his own."""
        if username != principal.id or principal.is_narrowed:
            await self._require_administrator(session, principal)
        user = await existing(session, username)
        before = {name: getattr(user, name) for name in changed}
        if before != changed:
            for name, value in changed.items():
                setattr(user, name, value)
            session.add(user)
            record(session, principal, "user.changed", "user", username, before=before, after=changed)
        return Person(user, await is_administrator(session, username))

    async def disable(self, session: AsyncSession, principal: Principal, username: str) -> Person:
        """Keeps a person out at once; his sessions, API tokens, links and what he allowed apps are gone for good.

        Raises:
            Conflict: he is the last administrator.
        """
        await self._require_administrator(session, principal)
        given_to_apps = self._given_to_apps()
        await given_to_apps.lock(session)
        await lock_administrators(session)
        user = await existing(session, username)
        if await active_administrators(session) == {username}:
            raise Conflict(f"{username} is the last administrator; make somebody else one first")
        if user.is_active:
            user.is_active = False
            session.add(user)
            record(session, principal, "user.disabled", "user", username)
        await remove_sessions_of(session, username)
        await remove_tokens_of(session, username)
        await remove_password_link(session, username)
        await given_to_apps.end_user(session, principal, username)
        return Person(user, await is_administrator(session, username))

    async def enable(self, session: AsyncSession, principal: Principal, username: str) -> Person:
        await self._require_administrator(session, principal)
        user = await existing(session, username)
        if not user.is_active:
            user.is_active = True
            session.add(user)
            record(session, principal, "user.enabled", "user", username)
        return Person(user, await is_administrator(session, username))

    async def _require_administrator(self, session: AsyncSession, principal: Principal) -> None:
        await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)


async def existing(session: AsyncSession, username: str) -> User:
    """Raises NotFound."""
    user = await find_user(session, username)
    if user is None:
        raise NotFound(f"There is no user {username}")
    return user


async def add_user(session: AsyncSession, principal: Principal, user: User, *, is_admin: bool = False) -> None:
    """Raises Conflict when the name is taken."""
    taken = f"The user name {user.username} is taken"
    if await find_user(session, user.username) is not None:
        raise Conflict(taken)
    session.add(user)
    try:
        await session.flush()
    except IntegrityError as error:  # somebody else was quicker
        raise Conflict(taken) from error
    after = {"display_name": user.display_name, "is_admin": is_admin}
    record(session, principal, "user.created", "user", user.username, after=after)
