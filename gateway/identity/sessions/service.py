import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.credentials import digest, new_credential
from gateway.identity.sessions.models import LoginSession
from gateway.identity.sessions.repository import find_session, remove_expired, remove_session
from gateway.identity.sessions.throttle import SignInThrottle
from gateway.identity.users.models import User
from gateway.identity.users.passwords import Passwords
from gateway.identity.users.repository import find_user
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.errors import NotAuthenticated
from kernel.principal import Principal, PrincipalKind

COOKIE = "trunkline_session"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session as the browser holds it: `token` is the cookie's value, known only now."""

    token: str
    session: LoginSession
    user: User


class SessionService:
    def __init__(self, clock: Clock, passwords: Passwords, throttle: SignInThrottle, hours: int) -> None:
        self._clock = clock
        self._passwords = passwords
        self._throttle = throttle
        self._hours = hours

    async def sign_in(
        self, database: Database, *, username: str, password: str, ip: str | None, request_id: str
    ) -> SignedIn:
        """Checks the password and opens a session; opens its own unit of work, since hashing must not hold one.

        Raises:
            NotAuthenticated: wrong name or password; which of the two is not said.
            TooManyRequests: too many failures.
        """
        self._throttle.begin(username, ip or "")
        async with database.reading() as session:
            user = await find_user(session, username)
        fits = await self._passwords.verify(user.password_hash if user is not None else None, password)
        if user is None or not fits or not user.is_active:
            raise NotAuthenticated("The user name or the password is wrong", code="wrong_credentials")
        self._throttle.succeeded(username, ip or "")
        token = new_credential()
        now = self._clock.now()
        opened = LoginSession(
            token_sha256=digest(token),
            csrf_token=secrets.token_urlsafe(32),
            username=username,
            ip=ip,
            created_at=now,
            expires_at=now + timedelta(hours=self._hours),
        )
        principal = Principal(PrincipalKind.USER, username, ip=ip, request_id=request_id)
        async with database.unit_of_work() as session:
            await remove_expired(session, now)
            session.add(opened)
            record(session, principal, "session.opened", "session", opened.id)
        return SignedIn(token, opened, user)

    async def find(self, session: AsyncSession, token: str) -> tuple[LoginSession, User] | None:
        """The live session behind a cookie."""
        return await find_session(session, digest(token), self._clock.now())

    async def sign_out(self, session: AsyncSession, principal: Principal, token: str) -> None:
        found = await self.find(session, token)
        if found is None:
            raise NotAuthenticated("There is no session to end")
        await remove_session(session, found[0].id)
        record(session, principal, "session.closed", "session", found[0].id)
