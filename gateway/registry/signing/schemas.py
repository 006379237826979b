from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from gateway.fields import Input, Moment, Time, View
from gateway.secrets.schemas import SecretName
from gateway.snapshot.schemas import LiveView

Secret = Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=r"^[^\x00-\x1f\x7f]+$")]
Word = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Name = Annotated[str, StringConstraints(pattern=r"^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}$")]
Address = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=r"^[\x21-\x7e]+$")]
Scopes = Annotated[str, StringConstraints(max_length=1000, pattern=r"^[\x20\x21\x23-\x5b\x5d-\x7e]*$")]


class NoSigning(Input):
    profile: Literal["none"]


class MessageSignatureSigning(Input):
    profile: Literal["http-message-signature"]


class JwtSigning(Input):
    """Attributes:
    kid: `system` puts the system's name into each token's header, which is all that BlueKing's readers know; `key` the
        id of the key, for readers of the system's JWKS.
    shape: `gateway` makes every token the API Gateway's, with the system's own key; `address`, or left out, gives calls
        at the ESB's addresses the ESB's.
    username: whom calls are made for that nobody is named in; left out, nobody.
    """

    profile: Literal["jwt"]
    issuer: Word = "APIGW"
    kid: Literal["system", "key"] = "system"
    shape: Literal["address", "gateway"] | None = None
    username: Word | None = None


class SecretSigning(Input):
    """Attributes:
    secret_name: one of the system's named secrets, instead of a secret given here.
    """

    secret_name: SecretName | None = None


class BkHmacSigning(SecretSigning):
    """`bk_signature` of BlueKing's ESB. Attributes:
    app_secret: never shown; left out, the one that is kept stays. The same goes for every secret below.
    """

    profile: Literal["bk-hmac"]
    app_code: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}$")]
    app_secret: Secret | None = None


class BkAppSigning(SecretSigning):
    """What an app sends to BlueKing's API Gateway and ESB. Attributes:
    username: whom calls are made for that nobody is named in; left out, nobody.
    tenant_id: sent as `X-Bk-Tenant-Id`, where BlueKing has several tenants.
    """

    profile: Literal["bk-app"]
    app_code: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}$")]
    app_secret: Secret | None = None
    username: Word | None = None
    tenant_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = None


class BasicSigning(SecretSigning):
    profile: Literal["basic"]
    username: Annotated[Word, StringConstraints(pattern=r"^[^:]+$")]
    password: Secret | None = None


class BearerSigning(SecretSigning):
    profile: Literal["bearer"]
    token: Secret | None = None


class ApiKeySigning(SecretSigning):
    """Attributes:
    location: whether `name` is a header's or a query parameter's.
    """

    profile: Literal["api-key"]
    location: Literal["header", "query"] = "header"
    name: Name
    key: Secret | None = None


class ClientCredentialsSigning(SecretSigning):
    """An access token of the upstream's own authorization server (RFC 6749 §4.4). Attributes:
    authentication: how the token endpoint takes the client's credentials: HTTP Basic, or in the body.
    """

    profile: Literal["oauth2-client-credentials"]
    token_url: Address
    client_id: Word
    client_secret: Secret | None = None
    scope: Scopes = ""
    authentication: Literal["basic", "body"] = "basic"


SigningSettings = Annotated[
    NoSigning
    | MessageSignatureSigning
    | JwtSigning
    | BkHmacSigning
    | BkAppSigning
    | BasicSigning
    | BearerSigning
    | ApiKeySigning
    | ClientCredentialsSigning,
    Field(discriminator="profile"),
]


class SigningView(View):
    """Attributes:
    parameters: what else the profile was given; nothing secret.
    has_secret: whether a secret of the upstream's is kept.
    """

    profile: str
    parameters: dict[str, str]
    has_secret: bool


class ChangedSigning(LiveView):
    signing: SigningView


class KeyRotation(Input):
    """Attributes:
    algorithm: of `http-message-signature`; `jwt` is RS512 always. With `hmac-sha256` the system holds the secret too,
        with the others a public key is all it needs.
    signs_from: when the gateway begins to sign with the new key; at once when left out. Until then, as after it,
        calls signed with the old one are right: the system should accept both until the old one is retired.
    """

    profile: Literal["http-message-signature", "jwt"]
    algorithm: Literal["hmac-sha256", "ed25519", "ecdsa-p256-sha256"] = "hmac-sha256"
    signs_from: Moment | None = None


class SystemKeyView(View):
    """Attributes:
    signs: of those that do, the newest of its profile is the one the gateway signs with.
    public_key: PEM, where there is one. A shared secret is told by `:reveal-keys` alone.
    """

    profile: str
    key_id: str
    algorithm: str
    public_key: str | None
    created_at: Time
    signs: bool
    signs_from: Time | None
    retired_at: Time | None


class RotatedKey(LiveView):
    key: SystemKeyView
