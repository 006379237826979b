import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.credentials import digest, new_credential
from gateway.identity.last_use import LastUse
from gateway.identity.sessions.models import LoginSession
from gateway.identity.sessions.repository import (
    find_session,
    remove_ended,
    remove_session,
    remove_sessions_of,
    sessions_page,
)
from gateway.identity.sessions.throttle import SignInThrottle
from gateway.identity.users.models import User
from gateway.identity.users.passwords import Passwords
from gateway.identity.users.repository import find_user
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.db.database import Database
from kernel.db.pages import PageOf, PageRequest
from kernel.errors import NotAuthenticated, NotFound
from kernel.principal import Principal, PrincipalKind

COOKIE = "trunkline_session"
PASSWORD = "password"  # noqa: S105  the name of a method


@dataclass(frozen=True, slots=True)
class Browser:
    """Where somebody signs in.

    Attributes:
        agent: what the browser calls itself.
        known: the mark it was given when somebody signed in there before.
    """

    ip: str | None
    agent: str = ""
    known: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long a session lives at most, and how long without being used."""

    longest: timedelta
    idle: timedelta


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session as the browser holds it.

    Attributes:
        token: the cookie's value, known only now.
        mark: what makes this browser known to the throttle.
    """

    token: str
    session: LoginSession
    user: User
    mark: str


@dataclass(frozen=True, slots=True)
class LiveSession:
    session: LoginSession
    user: User
    is_admin: bool


class SessionService:
    def __init__(
        self,
        authorizer: Authorizer,
        clock: Clock,
        passwords: Passwords,
        throttle: SignInThrottle,
        lifetimes: Lifetimes,
        last_use: LastUse,
    ) -> None:
        self._authorizer = authorizer
        self._clock = clock
        self._passwords = passwords
        self._throttle = throttle
        self._lifetimes = lifetimes
        self._last_use = last_use

    async def sign_in(self, database: Database, browser: Browser, username: str, password: str) -> SignedIn:
        """Checks the password and opens a session; opens its own units of work, since hashing must not hold one.

        Raises:
            NotAuthenticated: wrong name or password; which of the two is not said.
            TooManyRequests: too many failures.
        """
        attempt = await self._throttle.begin(username, browser.ip or "", browser.known)
        async with database.reading() as session:
            user = await find_user(session, username)
        fits = await self._passwords.verify(user.password_hash if user is not None else None, password)
        if user is None or not fits or not user.is_active:
            raise NotAuthenticated("The user name or the password is wrong", code="wrong_credentials")
        await self._throttle.succeeded(attempt)
        async with database.unit_of_work() as session:
            return await self.open(session, user, browser, PASSWORD)

    async def open(self, session: AsyncSession, user: User, browser: Browser, method: str) -> SignedIn:
        """A session for a person who has proved by `method` who he is."""
        token, now = new_credential(), self._clock.now()
        opened = LoginSession(
            token_sha256=digest(token),
            csrf_token=secrets.token_urlsafe(32),
            username=user.username,
            method=method,
            ip=browser.ip,
            agent=browser.agent[:300].replace("\0", ""),
            created_at=now,
            last_seen_at=now,
            expires_at=now + self._lifetimes.longest,
        )
        principal = Principal(PrincipalKind.USER, user.username, ip=browser.ip, request_id=browser.request_id)
        await remove_ended(session, now, self._seen_after())
        session.add(opened)
        record(session, principal, "session.opened", "session", opened.id, after={"method": method})
        return SignedIn(token, opened, user, self._throttle.mark_of(user.username))

    async def find(self, session: AsyncSession, token: str) -> LiveSession | None:
        """The live session behind a cookie; that it was used is noted."""
        now = self._clock.now()
        found = await find_session(session, digest(token), now, self._seen_after())
        if found is None:
            return None
        live = LiveSession(*found)
        self._last_use.of_session(live.session.id, now)
        return live

    async def browse(
        self, session: AsyncSession, principal: Principal, username: str, page: PageRequest
    ) -> PageOf[LoginSession]:
        """A person's own sessions; administrators see anyone's."""
        await self._require_own(session, principal, username)
        return await sessions_page(session, username, page, self._clock.now(), self._seen_after())

    async def end(self, session: AsyncSession, principal: Principal, username: str, session_id: str) -> None:
        """Raises NotFound when he has no such session."""
        await self._require_own(session, principal, username)
        if not await remove_session(session, username, session_id):
            raise NotFound(f"{username} has no session {session_id}")
        record(session, principal, "session.closed", "session", session_id, before={"username": username})

    async def end_all(self, session: AsyncSession, principal: Principal, username: str, *, but: str = "") -> int:
        """Ends the person's sessions except `but`; answers how many there were."""
        await self._require_own(session, principal, username)
        ended = await remove_sessions_of(session, username, but=but)
        record(session, principal, "user.sessions_ended", "user", username, after={"ended": ended})
        return ended

    async def sign_out(self, session: AsyncSession, principal: Principal, token: str) -> None:
        found = await self.find(session, token)
        if found is None:
            raise NotAuthenticated("There is no session to end")
        await remove_session(session, found.user.username, found.session.id)
        record(session, principal, "session.closed", "session", found.session.id)

    async def _require_own(self, session: AsyncSession, principal: Principal, username: str) -> None:
        if username != principal.id or principal.is_narrowed:
            await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)

    def _seen_after(self) -> datetime:
        return self._clock.now() - self._lifetimes.idle
