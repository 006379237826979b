from pydantic import BaseModel


class TokenForm(BaseModel):
    """Which members are needed depends on the grant type; the metadata lists those that are offered.

    Attributes:
        scope: with spaces between; left out, everything the app's grants allow or the person agreed to.
        resource: what the token is to be for (RFC 8707).
        client_id: with client_secret when the app doesn't send them as HTTP Basic; alone for an app without a secret.
        redirect_uri: with a code, as the authorization request had it.
        code_verifier: with a code (RFC 7636).
        client_assertion: with its type, of an app that proves itself by signing (RFC 7523).
        subject_token: with its type, and if wanted an actor_token with its own: in a token exchange (RFC 8693).
        audience: in a token exchange, as resource.
    """

    grant_type: str
    scope: str | None = None
    resource: str | None = None
    client_id: str | None = None
    client_secret: str | None = None
    code: str | None = None
    redirect_uri: str | None = None
    code_verifier: str | None = None
    refresh_token: str | None = None
    device_code: str | None = None
    client_assertion_type: str | None = None
    client_assertion: str | None = None
    subject_token: str | None = None
    subject_token_type: str | None = None
    actor_token: str | None = None
    actor_token_type: str | None = None
    requested_token_type: str | None = None
    audience: str | None = None


class TokenQuestion(BaseModel):
    """Attributes:
    token: an access or refresh token.
    client_id: as at the token endpoint.
    """

    token: str
    token_type_hint: str | None = None
    client_id: str | None = None
    client_secret: str | None = None


class DeviceForm(BaseModel):
    """Attributes:
    scope, resource, client_id: as at the token endpoint.
    """

    scope: str | None = None
    resource: str | None = None
    client_id: str | None = None
    client_secret: str | None = None
