from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import JsonValue, UtcDateTime
from kernel.ids import new_id


class AuthorizationCode(SQLModel, table=True):
    """A code on its way to the app; stored as its SHA-256 only. It stays while its authorization does, so that a
    second use is recognised.

    Attributes:
        code_challenge: S256 (RFC 7636 §4.2).
        dpop_jkt: thumbprint of the key its tokens will be bound to (RFC 9449 §10).
    """

    __tablename__ = "gateway_oauth_code"

    sha256: str = Field(primary_key=True, max_length=64)
    authorization_id: str = Field(max_length=32, index=True)
    redirect_uri: str = Field(max_length=2000)
    redirect_uri_sent: bool
    code_challenge: str = Field(max_length=43)
    nonce: str | None = Field(default=None, max_length=500)
    dpop_jkt: str | None = Field(default=None, max_length=64)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    redeemed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Consent(SQLModel, table=True):
    """What a person agreed to let an app do for him, remembered until he takes it back."""

    __tablename__ = "gateway_oauth_consent"
    __table_args__ = (UniqueConstraint("username", "app_code"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    username: str = Field(max_length=64)
    app_code: str = Field(max_length=32, index=True)
    scopes: list[str] = Field(sa_type=JsonValue)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
