from datetime import datetime

from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import JsonValue, UtcDateTime
from kernel.ids import new_id


class Authorization(SQLModel, table=True):
    """What a person allowed an app once: all codes, refresh and access tokens that come of it end with it.

    Attributes:
        id: the claim `sid` of its access tokens.
        scopes: the widest that its tokens may carry.
        resource: what the tokens are for (RFC 8707); `None` for everything the gateway serves.
        signed_in_at: when the person proved who he is.
        tokens_expire_at: when the last access token of it does; `None` before there was one.
        expires_at: when nothing of it can hold any more.
    """

    __tablename__ = "gateway_oauth_authorization"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    app_code: str = Field(max_length=32, index=True)
    username: str = Field(max_length=64, index=True)
    scopes: list[str] = Field(sa_type=JsonValue)
    resource: str | None = Field(default=None, max_length=500)
    signed_in_at: datetime = Field(sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    tokens_expire_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RefreshToken(SQLModel, table=True):
    """One of the refresh tokens of an authorization, of which the newest holds; stored as its SHA-256 only.

    Attributes:
        salt: with it and the token its successor is computed, so that a repeated request gets the same one.
        dpop_jkt: thumbprint of the key it is bound to (RFC 9449 §5).
    """

    __tablename__ = "gateway_oauth_refresh_token"

    sha256: str = Field(primary_key=True, max_length=64)
    authorization_id: str = Field(max_length=32, index=True)
    salt: str = Field(max_length=64)
    dpop_jkt: str | None = Field(default=None, max_length=64)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Revocation(SQLModel, table=True):
    """Access tokens that are refused before they expire.

    Attributes:
        kind: `token`, `authorization`, `app` or `user`.
        subject: `jti`, `sid`, app code or user name.
        issued_before: of an app's or user's tokens, those that are refused.
        expires_at: when the last of them would have expired.
    """

    __tablename__ = "gateway_oauth_revocation"

    kind: str = Field(primary_key=True, max_length=16)
    subject: str = Field(primary_key=True, max_length=128)
    issued_before: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
