"""Giving out codes (RFC 6749 §4.1.2)."""

from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.credentials import digest, new_credential
from gateway.oauth.authorization.models import AuthorizationCode
from gateway.oauth.authorization.standing import Asked, SignedInPerson
from gateway.oauth.tokens.authorizations import Authorizations
from kernel.clock import Clock
from kernel.principal import Principal

LIFETIME: Final = timedelta(seconds=60)
_PREFIX: Final = "tlc_"


class Codes:
    def __init__(self, authorizations: Authorizations, clock: Clock) -> None:
        self._authorizations = authorizations
        self._clock = clock

    async def give(self, session: AsyncSession, principal: Principal, asked: Asked, person: SignedInPerson) -> str:
        """A code for what the person allows the app; it holds for a minute."""
        request, now = asked.request, self._clock.now()
        authorization = await self._authorizations.open(
            session,
            principal,
            app_code=request.destination.app_code,
            scopes=asked.scopes,
            resource=asked.resource,
            signed_in_at=person.signed_in_at,
            expires_at=now + LIFETIME,
        )
        code = new_credential(_PREFIX)
        session.add(
            AuthorizationCode(
                sha256=digest(code),
                authorization_id=authorization.id,
                redirect_uri=request.destination.redirect_uri,
                redirect_uri_sent=request.destination.uri_sent,
                code_challenge=request.code_challenge,
                nonce=request.nonce,
                dpop_jkt=request.dpop_jkt,
                expires_at=now + LIFETIME,
            )
        )
        return code
