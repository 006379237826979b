from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import JsonValue, SealedText, UtcDateTime
from kernel.ids import new_id


class NamedSecret(SQLModel, table=True):
    """A secret of a system, used by its name.

    Attributes:
        reference: where an outside source has it; None for one that stands here alone.
        sealed: the secret; of an outside source as it was read last, so that calls go on while the source is away.
        read_at: when it was read last.
        problem: why the last reading failed; None when it didn't.
    """

    __tablename__ = "gateway_named_secret"
    __table_args__ = (UniqueConstraint("system", "name"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    system: str = Field(max_length=32)
    name: str = Field(max_length=64)
    reference: dict[str, Any] | None = Field(default=None, sa_type=JsonValue)
    sealed: str = Field(sa_type=SealedText(24_000))
    updated_by: str = Field(max_length=128)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    read_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    problem: str | None = Field(default=None, max_length=400)
