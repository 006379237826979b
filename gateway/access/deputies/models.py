from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.db.types import UtcDateTime
from kernel.ids import new_id


class Deputy(SQLModel, table=True):
    """Somebody who decides on a system's grants in its owner's place, for a time."""

    __tablename__ = "gateway_deputy"
    __table_args__ = (UniqueConstraint("system", "username"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    system: str = Field(max_length=32)
    username: str = Field(max_length=64, index=True)
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    named_by: str = Field(max_length=128)
