import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.credentials import digest, new_credential
from gateway.identity.sessions.repository import remove_sessions_of
from gateway.identity.sessions.throttle import SignInThrottle
from gateway.identity.users.models import PasswordLink, User
from gateway.identity.users.passwords import Passwords
from gateway.identity.users.repository import (
    find_password_link,
    find_user,
    remove_password_link,
    set_password,
    take_password_link,
)
from gateway.identity.users.service import existing
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.db.database import Database
from kernel.errors import Conflict, Invalid, NotAuthenticated
from kernel.principal import Principal, PrincipalKind

LINK_HOURS = 24


@dataclass(frozen=True, slots=True)
class IssuedLink:
    """Attributes:
    token: the secret of the link, known only now.
    """

    token: str
    expires_at: datetime


class PasswordService:
    """Setting passwords. Opens its own units of work, since hashing must not hold one."""

    def __init__(
        self, database: Database, authorizer: Authorizer, passwords: Passwords, throttle: SignInThrottle, clock: Clock
    ) -> None:
        self._database = database
        self._authorizer = authorizer
        self._passwords = passwords
        self._throttle = throttle
        self._clock = clock

    async def change_own(self, principal: Principal, session_id: str, old: str, new: str) -> None:
        """Sets the caller's password; his other sessions end.

        Raises:
            Invalid: the old password is wrong, or the new one is the old.
            TooManyRequests: too many wrong old ones.
        """
        attempt = await self._throttle.begin(principal.id, principal.ip or "")
        async with self._database.reading() as session:
            user = await existing(session, principal.id)
        if not await self._passwords.verify(user.password_hash, old):
            raise Invalid.field("old_password", "is wrong", "Ask an administrator for a link if you forgot it")
        await self._throttle.succeeded(attempt)
        if old == new:
            raise Invalid.field("new_password", "is the old one", "Choose another")
        password_hash = await self._passwords.hash(new)
        async with self._database.unit_of_work() as session:
            await set_password(session, user.username, password_hash, must_change=False)
            await remove_password_link(session, user.username)
            await remove_sessions_of(session, user.username, but=session_id)
            record(session, principal, "user.password_changed", "user", user.username)

    async def issue_link(self, principal: Principal, username: str) -> IssuedLink:
        """A link by which the person sets a password once, within a day; an older one stops to work."""
        token = new_credential()
        expires_at = self._clock.now() + timedelta(hours=LINK_HOURS)
        async with self._database.unit_of_work() as session:
            await self._resettable(session, principal, username)
            await remove_password_link(session, username)
            session.add(
                PasswordLink(username=username, token_sha256=digest(token), made_by=principal.id, expires_at=expires_at)
            )
            record(session, principal, "user.password_link_issued", "user", username)
        return IssuedLink(token, expires_at)

    async def set_temporary(self, principal: Principal, username: str) -> str:
        """Replaces the person's password by one that he must change when he signs in; his sessions end."""
        async with self._database.reading() as session:
            await self._resettable(session, principal, username)
        password = secrets.token_urlsafe(12)
        password_hash = await self._passwords.hash(password)
        async with self._database.unit_of_work() as session:
            await self._resettable(session, principal, username)
            await set_password(session, username, password_hash, must_change=True)
            await remove_password_link(session, username)
            await remove_sessions_of(session, username)
            record(session, principal, "user.password_reset", "user", username)
        return password

    async def set_by_link(self, token: str, new: str, *, ip: str | None, request_id: str) -> User:
        """Sets the password of whoever was handed the link; his sessions end.

        Raises:
            NotAuthenticated: the link is unknown, used or expired.
        """
        found = digest(token)
        async with self._database.reading() as session:
            link = await find_password_link(session, found)
        if link is None or link.expires_at <= self._clock.now():
            raise _no_link()
        password_hash = await self._passwords.hash(new)
        async with self._database.unit_of_work() as session:
            username = await take_password_link(session, found)
            user = await find_user(session, username) if username is not None else None
            if user is None or not user.is_active:
                raise _no_link()
            await set_password(session, user.username, password_hash, must_change=False)
            await remove_sessions_of(session, user.username)
            principal = Principal(PrincipalKind.USER, user.username, ip=ip, request_id=request_id)
            record(session, principal, "user.password_changed", "user", user.username)
        return user

    async def _resettable(self, session: AsyncSession, principal: Principal, username: str) -> None:
        await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
        user = await existing(session, username)
        if not user.is_active:
            raise Conflict(f"{username} is disabled; enable the account first")


def _no_link() -> NotAuthenticated:
    return NotAuthenticated(
        "The link is unknown, was used, or has expired; ask an administrator for another", code="password_link_invalid"
    )
