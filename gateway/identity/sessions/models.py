from datetime import datetime

from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import UtcDateTime
from kernel.ids import new_id


class LoginSession(SQLModel, table=True):
    """A signed-in browser. The cookie's value is stored as its SHA-256 only.

    Attributes:
        method: how the person proved who he is: `password`, `blueking`, or `oidc:` and the provider's name.
        agent: what the browser calls itself.
        last_seen_at: right to some seconds.
        expires_at: whatever happens until then.
    """

    __tablename__ = "gateway_session"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    token_sha256: str = Field(max_length=64, unique=True)
    csrf_token: str = Field(max_length=64)
    username: str = Field(max_length=64, index=True)
    method: str = Field(default="password", max_length=64)
    ip: str | None = Field(default=None, max_length=64)
    agent: str = Field(default="", max_length=300)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    last_seen_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)


class SignInFailures(SQLModel, table=True):
    """Failed attempts to sign in since `since`, counted for one account, address or both."""

    __tablename__ = "gateway_sign_in_failures"

    key: str = Field(primary_key=True, max_length=64)
    count: int
    since: datetime = Field(sa_type=UtcDateTime, index=True)
