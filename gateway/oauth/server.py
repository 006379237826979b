"""The authorization server on Authlib.

Authlib is synchronous: what it needs of the database is read first, then it decides without waiting for anything.
"""

from collections.abc import Sequence
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Request
from authlib.oauth2.rfc6749.errors import UnauthorizedClientError
from authlib.oauth2.rfc6749.grants import BaseGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

from gateway.oauth.client_authentication.client import OAuthClient
from gateway.oauth.grants.grant import TokenRequest

# Whether the way here was encrypted is the operator's decision and not visible behind a proxy.
_ENDPOINT = "https://authorization-server/oauth/token"


class _Request(OAuth2Request):  # type: ignore[misc]  # Authlib ships no types
    def __init__(self, request: TokenRequest) -> None:
        super().__init__("POST", _ENDPOINT, headers=dict(request.headers))
        self.payload = BasicOAuth2Payload(dict(request.form))

    @property
    def form(self) -> dict[str, str]:
        data: dict[str, str] = self.payload.data
        return data


class TokenServer(AuthorizationServer):  # type: ignore[misc]  # Authlib ships no types
    """Decides on one token request.

    Attributes:
        material: what the grant has read for its decision.
    """

    def __init__(self, request: TokenRequest, decider: type[BaseGrant], material: Any) -> None:
        super().__init__()
        self.material = material
        self._client = request.client
        self._request = request
        self.register_grant(decider)

    def query_client(self, client_id: str) -> OAuthClient | None:
        return self._client if self._client.app_code == client_id else None

    def authenticate_client(self, _request: OAuth2Request, methods: Sequence[str], _endpoint: str = "") -> OAuthClient:
        """The client of the request, which has proven who it is already.

        Raises:
            UnauthorizedClientError: it may not use the grant type, or not by having proven itself so little.
        """
        named = self._request.form["grant_type"]
        if not self._client.check_grant_type(named):
            code = self._client.app_code
            raise UnauthorizedClientError(
                f"{code} may not use {named}; add it to the grant types of its OAuth settings"
            )
        if self._client.method not in methods:
            raise UnauthorizedClientError(f"{named} is for clients that can prove who they are")
        return self._client

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nothing listens."""

    def decide(self) -> OAuth2Request:
        """The request, checked, with what the grant noted on it; raises OAuth2Error (RFC 6749 §5.2)."""
        request = _Request(self._request)
        grant = self.get_token_grant(request)
        grant.validate_token_request()
        return request
