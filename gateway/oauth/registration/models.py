from datetime import datetime

from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import UtcDateTime
from kernel.ids import new_id


class InitialAccessToken(SQLModel, table=True):
    """With it clients register themselves (RFC 7591 §1.2); they belong to whoever made it. Stored as its SHA-256."""

    __tablename__ = "gateway_oauth_initial_token"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    sha256: str = Field(max_length=64, unique=True)
    name: str = Field(max_length=200)
    owner: str = Field(max_length=64, index=True)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class RegisteredClient(SQLModel, table=True):
    """An app that registered itself.

    Attributes:
        token_sha256: of the token by which it reads and changes its registration (RFC 7592).
        origin: who registered it: an initial access token's id, else the address it came from.
    """

    __tablename__ = "gateway_oauth_registered_client"

    app_code: str = Field(primary_key=True, max_length=32)
    token_sha256: str = Field(max_length=64)
    origin: str = Field(max_length=64, index=True)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime, index=True)
