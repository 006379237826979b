"""An app has the person signed out here too (OpenID Connect RP-Initiated Logout 1.0)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.oauth.clients.repository import client_settings
from gateway.oauth.errors import UntrustedRequest
from gateway.oauth.keys.key_pairs import verifying_key
from gateway.oauth.keys.keyring import SigningKeyring
from kernel.signing import jws
from kernel.signing.errors import TokenInvalid

HOME = "/"


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """Attributes:
    address: where the browser goes, once the person is signed out.
    is_proven: the app showed whom it asks for. Else anybody may have sent him here, and he is asked himself.
    """

    address: str
    is_proven: bool


class Logout:
    """Whoever sends a person here shows the ID token it got for him, or the person is asked: nobody else can sign him
    out.
    """

    def __init__(self, keyring: SigningKeyring, issuer: str) -> None:
        self._keyring = keyring
        self._issuer = issuer

    async def read(self, session: AsyncSession, parameters: Mapping[str, str], username: str | None) -> LogoutRequest:
        """Args:
            username: of who is signed in; `None` for nobody.

        Raises:
            UntrustedRequest: what it shows does not hold, or it wants him sent to an address that is not registered.
        """
        app_code, is_proven = parameters.get("client_id"), False
        if "id_token_hint" in parameters:
            app_code, is_proven = await self._shown(session, parameters, username), True
        return LogoutRequest(await _address(session, parameters, app_code), is_proven)

    async def _shown(self, session: AsyncSession, parameters: Mapping[str, str], username: str | None) -> str:
        """The app that the ID token was given to."""
        hint = await self._hint(session, parameters["id_token_hint"])
        if hint is None:
            raise UntrustedRequest("What the app shows is no ID token of ours (id_token_hint); sign out in the console")
        app_code = hint.get("aud")
        if not isinstance(app_code, str) or parameters.get("client_id", app_code) != app_code:
            raise UntrustedRequest("The app shows an ID token of another one")
        if username is not None and hint.get("sub") != username:
            raise UntrustedRequest("The app asks to sign out somebody else than who is signed in")
        return app_code

    async def _hint(self, session: AsyncSession, token: str) -> dict[str, Any] | None:
        """The claims of an ID token of ours, be it expired or not."""
        keys = {
            key.kid: verifying_key(key.kid, key.alg, key.public_key) for key in await self._keyring.public_keys(session)
        }
        try:
            header, claims = jws.decode(token, keys)
        except TokenInvalid:
            return None
        is_ours = header.get("typ") == "JWT" and claims.get("iss") == self._issuer and "at_hash" in claims
        return claims if is_ours else None


async def _address(session: AsyncSession, parameters: Mapping[str, str], app_code: str | None) -> str:
    uri = parameters.get("post_logout_redirect_uri")
    if uri is None:
        return HOME
    if app_code is None:
        raise UntrustedRequest("An address to go to after signing out needs the app's name (client_id)")
    if uri not in (await client_settings(session, app_code)).post_logout_redirect_uris:
        raise UntrustedRequest("The address to go to after signing out is not registered for the app")
    state = parameters.get("state")
    return uri if state is None else f"{uri}{'&' if '?' in uri else '?'}{urlencode({'state': state}, quote_via=quote)}"
