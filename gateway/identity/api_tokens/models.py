from datetime import datetime

from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import JsonValue, UtcDateTime
from kernel.ids import new_id


class ApiToken(SQLModel, table=True):
    """A person's key to the management API; stored as its SHA-256 only.

    Attributes:
        scopes: what of its owner's rights it carries; `None` is all of them.
        project_id: the only project in which it counts.
        last_used_at: right to some seconds.
    """

    __tablename__ = "gateway_api_token"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    username: str = Field(max_length=64, index=True)
    name: str = Field(max_length=200)
    token_sha256: str = Field(max_length=64, unique=True)
    scopes: list[str] | None = Field(default=None, sa_type=JsonValue)
    project_id: str | None = Field(default=None, max_length=32)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
