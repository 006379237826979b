from datetime import datetime

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field, SQLModel

from kernel.db.types import UtcDateTime


class ArchivedTask(SQLModel, table=True):
    """A task that ended and left the runtime's tables.

    Attributes:
        common: see `Task`.
        record: everything that was kept of it, as `orchestrator.archive.packing` packs it.
    """

    __tablename__ = "orchestrator_archived_task"
    __table_args__ = (
        Index("ix_orchestrator_archived_task_project", "project_id", "id"),
        Index("ix_orchestrator_archived_task_flow", "flow_id", "id"),
        Index("ix_orchestrator_archived_task_archived_at", "archived_at"),
    )

    id: str = Field(primary_key=True, max_length=32)
    project_id: str = Field(max_length=32)
    flow_id: str = Field(max_length=32)
    flow_name: str = Field(max_length=200)
    revision: int
    name: str = Field(max_length=200)
    state: str = Field(max_length=16)
    created_by: str = Field(max_length=128)
    created_at: datetime = Field(sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime = Field(sa_type=UtcDateTime)
    archived_at: datetime = Field(sa_type=UtcDateTime)
    definition_id: str = Field(max_length=64)
    common: bool = False
    record: bytes = Field(sa_type=LargeBinary)


class Retention(SQLModel, table=True):
    """What a project says of its tasks that ended.

    Attributes:
        days: how long they stay as they are; none for ever.
        archive_days: how long they stay in the archive after that; none for ever.
    """

    __tablename__ = "orchestrator_retention"

    project_id: str = Field(primary_key=True, max_length=32)
    days: int | None = Field(default=None)
    archive_days: int | None = Field(default=None)
    updated_by: str = Field(max_length=128)
    updated_at: datetime = Field(sa_type=UtcDateTime)
