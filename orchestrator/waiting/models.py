from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue, UtcDateTime
from kernel.ids import new_id


class Event(SQLModel, table=True):
    """Something that was told to a project's tasks: it goes once to each node that waits for it while it is kept.

    Attributes:
        about: its name and its key, as `orchestrator.runtime.rows.event_text` writes them.
        data: what is told, as the member `data`.
        given_id: what its sender calls it; the same is never told twice. None where he gave none.
    """

    __tablename__ = "orchestrator_event"
    __table_args__ = (
        UniqueConstraint("project_id", "given_id"),
        Index("ix_orchestrator_event_about", "project_id", "about"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    project_id: str = Field(max_length=32)
    about: str = Field(max_length=320)
    given_id: str | None = Field(default=None, max_length=128)
    data: dict[str, Any] = Field(sa_type=JsonValue)
    sender: str = Field(max_length=128)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)


class EventDelivery(SQLModel, table=True):
    """An event that a node of a task was given; in a loop the next pass waits for another one."""

    __tablename__ = "orchestrator_event_delivery"

    event_id: str = Field(primary_key=True, max_length=32)
    task_id: str = Field(primary_key=True, max_length=32)
    node_id: str = Field(primary_key=True, max_length=2048)
    at: datetime = Field(sa_type=UtcDateTime)
