"""Tokens that people give to clients, so that these may register themselves as apps of theirs (RFC 7591 §1.2)."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.credentials import digest, new_credential
from gateway.oauth.registration.models import InitialAccessToken
from gateway.oauth.registration.repository import initial_tokens_of
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.errors import Invalid, NotFound, PermissionDenied
from kernel.principal import Principal, PrincipalKind

_PREFIX: Final = "tli_"
_LONGEST: Final = timedelta(days=90)


class InitialTokens:
    """A person's own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def create(
        self, session: AsyncSession, principal: Principal, name: str, expires_at: datetime
    ) -> tuple[InitialAccessToken, str]:
        """An initial access token and its value, which can't be read again.

        Raises:
            PermissionDenied: the caller is no person, to whom clients could belong.
            Invalid: it would end too late, or has ended.
        """
        if principal.kind is not PrincipalKind.USER:
            raise PermissionDenied("Clients belong to a person; sign in as one to let them register")
        now = self._clock.now()
        if not now < expires_at <= now + _LONGEST:
            raise Invalid.field("expires_at", "is over, or more than 90 days ahead", "Send a time between")
        value = new_credential(_PREFIX)
        token = InitialAccessToken(
            sha256=digest(value), name=name, owner=principal.id, created_at=now, expires_at=expires_at
        )
        session.add(token)
        await session.flush()
        record(session, principal, "registration_token.created", "registration_token", token.id, after={"name": name})
        return token, value

    async def browse(self, session: AsyncSession, principal: Principal) -> list[InitialAccessToken]:
        return await initial_tokens_of(session, principal.id)

    async def delete(self, session: AsyncSession, principal: Principal, token_id: str) -> None:
        """Clients that registered with it stay. Raises NotFound."""
        token = await session.get(InitialAccessToken, token_id)
        if token is None or token.owner != principal.id:
            raise NotFound(f"You have no registration token {token_id}")
        await session.delete(token)
        record(session, principal, "registration_token.deleted", "registration_token", token_id)
