from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from gateway.fields import Input, View
from gateway.oauth.clients.redirect_uris import LONGEST
from gateway.oauth.clients.settings import CLIENT_CREDENTIALS, DEFAULT_REFRESH_SECONDS

_YEAR = 366 * 24 * 3600
Address = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST, pattern=r"^[^\x00]*$")]
GrantType = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[\x21-\x7e]+$")]
AuthMethod = Literal["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]
Addresses = Annotated[tuple[Address, ...], Field(max_length=20)]


class ClientSettingsInput(Input):
    """The names are those of RFC 7591 §2.

    Attributes:
        redirect_uris: where people are sent back to, with a code. Compared sign by sign; on http://127.0.0.1 and
            http://[::1] the port is free.
        token_endpoint_auth_method: `none` for an app that can't keep a secret.
        access_token_seconds: how long its access tokens hold; none for the platform's setting.
        refresh_token_seconds: how long a refresh token holds that isn't used.
        is_first_party: people are not asked for their consent; for administrators to say.
    """

    redirect_uris: Addresses = ()
    post_logout_redirect_uris: Addresses = ()
    grant_types: Annotated[tuple[GrantType, ...], Field(min_length=1, max_length=10)] = (CLIENT_CREDENTIALS,)
    token_endpoint_auth_method: AuthMethod = "client_secret_basic"  # noqa: S105  a method, not a secret
    jwks: dict[str, Any] | None = None
    jwks_uri: Address | None = None
    dpop_bound_access_tokens: bool = False
    access_token_seconds: Annotated[int, Field(ge=60, le=86_400)] | None = None
    refresh_token_seconds: Annotated[int, Field(ge=300, le=_YEAR)] = DEFAULT_REFRESH_SECONDS
    is_first_party: bool = False


class ClientSettingsView(View):
    """Attributes:
    client_id: the app code.
    """

    client_id: str
    redirect_uris: list[str]
    post_logout_redirect_uris: list[str]
    grant_types: list[str]
    token_endpoint_auth_method: AuthMethod
    jwks: dict[str, Any] | None
    jwks_uri: str | None
    dpop_bound_access_tokens: bool
    access_token_seconds: int | None
    refresh_token_seconds: int
    is_first_party: bool
