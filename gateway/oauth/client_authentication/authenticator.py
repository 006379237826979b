"""Which app asks: for every endpoint that clients call themselves."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final

from authlib.oauth2.rfc6749.errors import InvalidClientError
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.apps.repository import find_app
from gateway.oauth.client_authentication.client import OAuthClient
from gateway.oauth.client_authentication.naming import ClientClaim, claimed_client
from gateway.oauth.client_authentication.secret import verify_nothing, verify_secret
from gateway.oauth.clients.repository import client_settings
from gateway.oauth.clients.settings import PUBLIC, SECRET_METHODS
from kernel.forms.bounds import is_storable

WRONG_CLIENT: Final = "The client is unknown or disabled, or its secret or assertion is wrong"

Verify = Callable[[AsyncSession, OAuthClient, ClientClaim], Awaitable[bool]]
Check = Callable[[ClientClaim], None]

SECRETS: Final[Mapping[str, Verify]] = MappingProxyType(
    {**dict.fromkeys(SECRET_METHODS, verify_secret), PUBLIC: verify_nothing}
)


class ClientAuthenticator:
    """Args:
    methods: by the names of RFC 7591 §2, what verifies such a proof.
    checks: what raises InvalidClientError for a proof that can't hold, whoever sent it.
    """

    def __init__(self, methods: Mapping[str, Verify], checks: Mapping[str, Check] = MappingProxyType({})) -> None:
        self._methods = methods
        self._checks = checks

    async def authenticate(
        self, session: AsyncSession, form: Mapping[str, str], headers: Mapping[str, str]
    ) -> OAuthClient:
        """The client that the request names and proves to be.

        Raises:
            InvalidClientError: in the same words whether it is unknown, disabled, not set up for that method or wrong.
            InvalidRequestError: it is named twice.
        """
        claim = claimed_client(form, headers)
        if claim.method in self._checks:
            self._checks[claim.method](claim)
        client = await self._named(session, claim)
        verify = self._methods.get(claim.method)
        if client is None or verify is None or not await verify(session, client, claim):
            raise InvalidClientError(WRONG_CLIENT)
        return client

    async def _named(self, session: AsyncSession, claim: ClientClaim) -> OAuthClient | None:
        app = await find_app(session, claim.client_id) if is_storable(claim.client_id) else None
        if app is None or not app.enabled:
            return None
        settings = await client_settings(session, app.app_code)
        return OAuthClient(app.app_code, settings, claim.method) if settings.allows_method(claim.method) else None
