from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer
from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue, SealedText, UtcDateTime
from kernel.ids import new_id

_CURSOR = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite counts up by itself only in a column that is exactly INTEGER, and has 64 bits there all the same."""


class InventoryEvent(SQLModel, table=True):
    """One change of one object; its id is the cursor.

    Attributes:
        resource: in BlueKing's words: host, host_relation, biz, set, module, plat (a cloud area).
        detail: the whole object after the change; of one that is gone, as it was last.
        changed_fields: of an update.
    """

    __tablename__ = "adapter_cmdb_event"
    __table_args__ = (Index("ix_adapter_cmdb_event_resource", "resource", "id"), {"sqlite_autoincrement": True})

    id: int = Field(default=None, primary_key=True, sa_type=_CURSOR)
    resource: str = Field(max_length=16)
    event_type: str = Field(max_length=8)
    detail: dict[str, Any] = Field(sa_type=JsonValue)
    changed_fields: list[str] = Field(default_factory=list, sa_type=JsonValue)
    request_id: str = Field(default="", max_length=64)
    at: datetime = Field(sa_type=UtcDateTime, index=True)


class EventWebhook(SQLModel, table=True):
    """Where events are sent, in their order.

    Attributes:
        resources, event_types: which are sent; empty means all.
        position: the last event that was taken, or passed over.
        reaching: the last event of the message that is under way; 0 when none is. A repetition is the same message.
        attempts: of that message.
        next_attempt_at: whoever sends puts this off first, so that nobody else does.
        status: of the last answer; null when there was none.
        problem: why the last attempt did not do; empty when it did.
    """

    __tablename__ = "adapter_cmdb_event_webhook"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    url: str = Field(max_length=1000)
    sealed_secret: str = Field(sa_type=SealedText)
    resources: list[str] = Field(default_factory=list, sa_type=JsonValue)
    event_types: list[str] = Field(default_factory=list, sa_type=JsonValue)
    enabled: bool = True
    position: int = Field(default=0, sa_type=BigInteger)
    reaching: int = Field(default=0, sa_type=BigInteger)
    attempts: int = 0
    next_attempt_at: datetime = Field(sa_type=UtcDateTime)
    status: int | None = None
    problem: str = Field(default="", max_length=500)
    created_by: str = Field(max_length=128)
    created_at: datetime = Field(sa_type=UtcDateTime)
    delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
