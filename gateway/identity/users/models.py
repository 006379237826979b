from datetime import datetime

from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import UtcDateTime
from kernel.ids import new_id


class User(SQLModel, table=True):
    """A person with a local password (Argon2id)."""

    __tablename__ = "gateway_user"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    username: str = Field(max_length=64, unique=True)
    password_hash: str = Field(max_length=256)
    display_name: str = Field(default="", max_length=200)
    is_admin: bool = False
    is_active: bool = True
    language: str = Field(default="en", max_length=8)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
