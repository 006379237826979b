"""What people allowed apps, as long as it holds, and its end."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.oauth.authorization.repository import remove_codes_of_past
from gateway.oauth.tokens.models import Authorization
from gateway.oauth.tokens.repository import any_past, end_authorizations, remove_past
from gateway.oauth.tokens.revocations import Revocations
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.principal import Principal, PrincipalKind


class Authorizations:
    def __init__(self, database: Database, revocations: Revocations, clock: Clock) -> None:
        self._database = database
        self._revocations = revocations
        self._clock = clock

    async def lock(self, session: AsyncSession) -> None:
        """What whoever ends authorizations calls first."""
        await self._revocations.lock(session)

    async def open(
        self,
        session: AsyncSession,
        principal: Principal,
        *,
        app_code: str,
        scopes: frozenset[str],
        resource: str | None,
        signed_in_at: datetime,
        expires_at: datetime,
    ) -> Authorization:
        """What the person allows an app now.

        Args:
            expires_at: unless the app has fetched its tokens by then.
        """
        authorization = Authorization(
            app_code=app_code,
            username=principal.id,
            scopes=sorted(scopes),
            resource=resource,
            signed_in_at=signed_in_at,
            created_at=self._clock.now(),
            expires_at=expires_at,
        )
        session.add(authorization)
        await session.flush()
        record(
            session,
            principal,
            "oauth_authorization.given",
            "oauth_authorization",
            authorization.id,
            after={"app_code": app_code, "scopes": authorization.scopes, "resource": resource},
        )
        return authorization

    async def end(
        self,
        session: AsyncSession,
        principal: Principal,
        *,
        authorization_id: str | None = None,
        username: str | None = None,
        app_code: str | None = None,
        because: str,
    ) -> int:
        """Ends those that fit all that is given, with their refresh tokens at once and their access tokens within a
        second; answers the revision.

        Whoever calls has called `Revocations.lock` first, and checked the right to.
        """
        ended = await end_authorizations(
            session, self._clock.now(), authorization_id=authorization_id, username=username, app_code=app_code
        )
        for each in ended:
            record(
                session,
                principal,
                "oauth_authorization.ended",
                "oauth_authorization",
                each.id,
                before={"app_code": each.app_code, "username": each.username, "scopes": each.scopes},
                after={"because": because},
            )
        return await self._revocations.of_authorizations(session, ended)

    async def end_replayed(self, authorization: Authorization) -> None:
        """Somebody used a code or token of it that was used before: whoever has the others may be a thief."""
        principal = Principal(PrincipalKind.APP, authorization.app_code, on_behalf_of=authorization.username)
        async with self._database.unit_of_work() as session:
            await self._revocations.lock(session)
            said = "a code or refresh token was used twice"
            await self.end(session, principal, authorization_id=authorization.id, because=said)

    async def end_user(self, session: AsyncSession, principal: Principal, username: str) -> int:
        """Everything any app was allowed for a person who may not sign in any more."""
        await self.end(session, principal, username=username, because="the user was disabled")
        return await self._revocations.of_user(session, username)

    async def end_app(self, session: AsyncSession, principal: Principal, app_code: str) -> int:
        """Everything an app was given that is disabled."""
        await self.end(session, principal, app_code=app_code, because="the app was disabled")
        return await self._revocations.of_app(session, app_code)

    async def forget_past(self) -> bool:
        """Removes what can't hold any more; a background part's turn, of which none follows at once."""
        now = self._clock.now()
        # Whoever takes the lock has changed something, and has every other part look for work.
        async with self._database.reading() as session:
            if not await any_past(session, now):
                return False
        async with self._database.unit_of_work() as session:
            await self._revocations.lock(session)
            removed = await remove_past(session, now)
            await remove_codes_of_past(session)
            if removed:
                await self._revocations.publish(session)
        return False
