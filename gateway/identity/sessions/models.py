from datetime import datetime

from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import UtcDateTime
from kernel.ids import new_id


class LoginSession(SQLModel, table=True):
    """A signed-in browser. The cookie's value is stored as its SHA-256 only."""

    __tablename__ = "gateway_session"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    token_sha256: str = Field(max_length=64, unique=True)
    csrf_token: str = Field(max_length=64)
    username: str = Field(max_length=64, index=True)
    ip: str | None = Field(default=None, max_length=64)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
