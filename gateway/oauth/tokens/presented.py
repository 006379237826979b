"""Access tokens of ours that clients show to the authorization server: whether they hold now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.apps.repository import find_app
from gateway.oauth.keys.key_pairs import verifying_key
from gateway.oauth.keys.keyring import SigningKeyring
from gateway.oauth.tokens.models import Revocation
from gateway.oauth.tokens.repository import find_authorization
from kernel.signing import jws
from kernel.signing.access_token import AccessClaims, verify_access_token
from kernel.signing.errors import TokenInvalid


@dataclass(frozen=True, slots=True)
class PresentedToken:
    """Attributes:
    act: the claim, for the chain of those who act (RFC 8693 §4.1).
    may_act: who alone may act for its subject, where that is laid down (§4.4).
    """

    claims: AccessClaims
    act: dict[str, Any] | None
    may_act: dict[str, Any] | None


async def presented_token(
    session: AsyncSession, keyring: SigningKeyring, issuer: str, token: str, now: datetime
) -> PresentedToken:
    """The token, if it is ours and holds; raises TokenInvalid."""
    keys = {key.kid: verifying_key(key.kid, key.alg, key.public_key) for key in await keyring.public_keys(session)}
    claims = verify_access_token(token, keys, issuer=issuer, audience=None, now=now.timestamp(), takes_bound=True)
    if await _is_revoked(session, claims):
        raise TokenInvalid("the token was revoked")
    _, told = jws.unverified(token)  # verified just now
    return PresentedToken(claims, _object(told, "act"), _object(told, "may_act"))


def _object(claims: dict[str, Any], name: str) -> dict[str, Any] | None:
    value = claims.get(name)
    return value if isinstance(value, dict) else None


async def _is_revoked(session: AsyncSession, claims: AccessClaims) -> bool:
    if claims.authorization_id is not None:
        authorization = await find_authorization(session, claims.authorization_id)
        if authorization is None or authorization.ended_at is not None:
            return True
    for token_id, app_code in ((claims.token_id, claims.client_id), *claims.origins):
        app = await find_app(session, app_code)
        if app is None or not app.enabled or await session.get(Revocation, ("token", token_id)) is not None:
            return True
        if await _ended_since(session, "app", app_code, claims.issued_at):
            return True
    return claims.user is not None and await _ended_since(session, "user", claims.user, claims.issued_at)


async def _ended_since(session: AsyncSession, kind: str, subject: str, issued_at: float) -> bool:
    found = await session.get(Revocation, (kind, subject))
    return found is not None and found.issued_before.timestamp() > issued_at
