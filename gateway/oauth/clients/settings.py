"""How an app takes part in OAuth. Pure."""

from dataclasses import dataclass
from typing import Any, Final

CLIENT_CREDENTIALS: Final = "client_credentials"
AUTHORIZATION_CODE: Final = "authorization_code"
REFRESH_TOKEN: Final = "refresh_token"  # noqa: S105  the name of a grant type
DEVICE_CODE: Final = "urn:ietf:params:oauth:grant-type:device_code"
TOKEN_EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105  as above
SECRET_METHODS: Final = ("client_secret_basic", "client_secret_post")
PRIVATE_KEY_JWT: Final = "private_key_jwt"
PUBLIC: Final = "none"
DEFAULT_REFRESH_SECONDS: Final = 30 * 24 * 3600

GRANT_TYPES: Final = (CLIENT_CREDENTIALS, AUTHORIZATION_CODE, REFRESH_TOKEN, DEVICE_CODE, TOKEN_EXCHANGE)
"""Those the token endpoint offers."""
AUTH_METHODS: Final = (*SECRET_METHODS, PRIVATE_KEY_JWT, PUBLIC)
"""How clients may prove who they are (RFC 7591 §2)."""


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """An app that nobody set up is a confidential client that gets tokens for itself.

    Attributes:
        redirect_uris: where answers of the authorization endpoint may go, compared sign by sign (RFC 9700 §2.1).
        grant_types: those the app may use.
        token_endpoint_auth_method: a secret is taken in the header and in the body alike.
        jwks: public keys of an app that proves itself by signing, or `jwks_uri`, where they are.
        dpop_bound_access_tokens: whether all its tokens are bound to a key of the client's (RFC 9449 §5.2).
        access_token_seconds: `None` for the platform's setting.
        refresh_token_seconds: how long a refresh token that isn't used can be.
        is_first_party: people are not asked whether they agree; for administrators to say.
    """

    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    grant_types: tuple[str, ...] = (CLIENT_CREDENTIALS,)
    token_endpoint_auth_method: str = SECRET_METHODS[0]
    jwks: dict[str, Any] | None = None
    jwks_uri: str | None = None
    dpop_bound_access_tokens: bool = False
    access_token_seconds: int | None = None
    refresh_token_seconds: int = DEFAULT_REFRESH_SECONDS
    is_first_party: bool = False

    @property
    def is_public(self) -> bool:
        """Whether the client has nothing to prove itself by (RFC 6749 §2.1)."""
        return self.token_endpoint_auth_method == PUBLIC

    def allows_method(self, method: str) -> bool:
        """Whether the client may prove itself that way."""
        registered = self.token_endpoint_auth_method
        return method in SECRET_METHODS if registered in SECRET_METHODS else method == registered
