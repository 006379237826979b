from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue, UtcDateTime
from kernel.ids import new_id


class TaskRequest(SQLModel, table=True):
    """A task somebody asks for and an operator runs.

    Attributes:
        revision: of the flow, the latest when it was asked for.
        asked: the inputs as they were submitted; what the form takes as a secret is not among them.
        inputs: as whoever claimed it adjusted them.
        state: see `RequestState`.
        claimed_at: when whoever claimed it last did so first.
        claimed_until: then somebody else may claim it.
        expires_at: then nobody runs it any more.
        reason: why it was rejected.
    """

    __tablename__ = "orchestrator_task_request"
    __table_args__ = (
        Index("ix_orchestrator_task_request_project", "project_id", "id"),
        Index("ix_orchestrator_task_request_requester", "requester", "id"),
        Index("ix_orchestrator_task_request_state", "state", "expires_at"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    project_id: str = Field(max_length=32)
    flow_id: str = Field(max_length=32)
    flow_name: str = Field(max_length=200)
    revision: int
    name: str = Field(max_length=200)
    note: str = Field(max_length=2000)
    asked: dict[str, Any] = Field(sa_type=JsonValue)
    inputs: dict[str, Any] = Field(sa_type=JsonValue)
    requester: str = Field(max_length=128)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    state: str = Field(default="submitted", max_length=16)
    claimed_by: str = Field(default="", max_length=128)
    claimed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    claimed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settled_by: str = Field(default="", max_length=128)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str = Field(default="", max_length=2000)
    task_id: str | None = Field(default=None, max_length=32)
