"""The authorization server on Authlib.

Authlib is synchronous: what it needs of the database is read first, then it decides without waiting for anything.
"""

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidScopeError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

from gateway.credentials import digest
from gateway.oauth.form import tellable
from gateway.oauth.scopes import AllowedScopes

AUTH_METHODS = ("client_secret_basic", "client_secret_post")
GRANT_TYPES = ("client_credentials",)
# Whether the way here was encrypted is the operator's decision and not visible behind a proxy.
_ENDPOINT = "https://authorization-server/oauth/token"
_MAX_NAMED = 10
_LONGEST_SCOPE = 5000
"""Signs; the gateway takes tokens of 8192, and a scope takes four thirds of its length in one."""


@dataclass(frozen=True, slots=True)
class OAuthResponse:
    status: int
    body: dict[str, Any]
    headers: dict[str, str]


class OAuthClient(ClientMixin):  # type: ignore[misc]  # Authlib ships no types
    """An app, as Authlib asks for it; `allowed` are the scopes its tokens may carry."""

    def __init__(self, app_code: str, secret_digests: tuple[str, ...], allowed: AllowedScopes) -> None:
        self.app_code = app_code
        self._secret_digests = secret_digests
        self._allowed = allowed

    def get_client_id(self) -> str:
        return self.app_code

    def get_allowed_scope(self, scope: str | None) -> str:
        """The scopes asked for, or the usual ones.

        Raises:
            InvalidScopeError: naming those that no grant covers; or there are too many for one token.
        """
        asked = frozenset(scope.split()) if scope else self._allowed.usual
        missing = sorted(asked - self._allowed.all)
        if missing:
            named = tellable(", ".join(missing[:_MAX_NAMED]))
            raise InvalidScopeError(f"No grant of {self.app_code} covers the scope {named}; apply for one")
        granted = " ".join(sorted(asked))
        if len(granted) > _LONGEST_SCOPE:
            raise InvalidScopeError(f"{len(asked)} scopes are too many for one token; ask for those you need, in scope")
        return granted

    def check_client_secret(self, client_secret: str) -> bool:
        sent = digest(client_secret)
        return any([hmac.compare_digest(sent, kept) for kept in self._secret_digests])  # noqa: C419  all are compared

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return method in AUTH_METHODS

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in GRANT_TYPES


class _Request(OAuth2Request):  # type: ignore[misc]  # Authlib ships no types
    def __init__(self, form: Mapping[str, str], headers: Mapping[str, str]) -> None:
        super().__init__("POST", _ENDPOINT, headers=headers)
        self.payload = BasicOAuth2Payload(dict(form))

    @property
    def form(self) -> dict[str, str]:
        data: dict[str, str] = self.payload.data
        return data


class _ClientCredentials(ClientCredentialsGrant):  # type: ignore[misc]  # Authlib ships no types
    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar = list(AUTH_METHODS)

    def validate_requested_scope(self) -> None:
        self.request.payload.data["scope"] = self.request.client.get_allowed_scope(self.request.payload.scope)


class TokenServer(AuthorizationServer):  # type: ignore[misc]  # Authlib ships no types
    """Decides on one token request.

    Args:
        client: the app whose id the request names, if there is one.
        issue: makes the token for (app code, scopes); answers the members of the response.
    """

    def __init__(self, client: OAuthClient | None, issue: Callable[[str, frozenset[str]], dict[str, Any]]) -> None:
        super().__init__()
        self._client = client
        self._issue = issue
        self.register_grant(_ClientCredentials)
        self.register_token_generator("default", self._generate)

    def query_client(self, client_id: str) -> OAuthClient | None:
        return self._client if self._client is not None and self._client.app_code == client_id else None

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        """Access tokens carry everything; nothing is kept."""

    def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
        return request

    def handle_response(self, status: int, body: dict[str, Any] | str, headers: list[tuple[str, str]]) -> OAuthResponse:
        return OAuthResponse(status, json.loads(body) if isinstance(body, str) else body, dict(headers))

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nothing listens."""

    def decide(self, form: Mapping[str, str], headers: Mapping[str, str]) -> OAuthResponse:
        """The answer to a token request, error answers of RFC 6749 §5.2 included."""
        response: OAuthResponse = self.create_token_response(_Request(form, headers))
        return response

    def _generate(self, *, client: OAuthClient, scope: str, **_unused: Any) -> dict[str, Any]:
        return self._issue(client.app_code, frozenset(scope.split()))
