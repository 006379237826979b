from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import JsonValue, SealedText, UtcDateTime
from kernel.ids import new_id


class IdentityProvider(SQLModel, table=True):
    """An enterprise's OpenID Connect provider, by which people sign in here.

    Attributes:
        name: part of its addresses and of the origin of roles; never changes.
        client_secret: sealed; none for a public client, which PKCE alone protects.
        username_claim: what a new person's user name is taken from.
        role_rules: `{"claim", "value", "role", "project"}`; without a project, a role on the platform.
        creates_users: whoever signs in for the first time gets an account.
    """

    __tablename__ = "gateway_identity_provider"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    name: str = Field(max_length=32, unique=True)
    title: str = Field(max_length=200)
    issuer: str = Field(max_length=1000, unique=True)
    client_id: str = Field(max_length=200)
    client_secret: str | None = Field(default=None, sa_type=SealedText)
    scopes: list[str] = Field(sa_type=JsonValue)
    username_claim: str = Field(max_length=64)
    role_rules: list[dict[str, str | None]] = Field(sa_type=JsonValue)
    creates_users: bool = True
    is_enabled: bool = True
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class ForeignIdentity(SQLModel, table=True):
    """Who a person is elsewhere: an issuer's subject, never an address or a name, tells who signs in."""

    __tablename__ = "gateway_foreign_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject", name="uq_gateway_foreign_identity"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    issuer: str = Field(max_length=1000)
    subject: str = Field(max_length=255)
    username: str = Field(max_length=64, index=True)
    linked_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    last_sign_in_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
