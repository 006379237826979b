from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue, UtcDateTime
from kernel.ids import new_id


class Schedule(SQLModel, table=True):
    """When tasks of a flow start by themselves, for whom and with what.

    Attributes:
        project_id: where its tasks run.
        common: the flow is another project's, which shares it.
        owner: the person the tasks are launched for, by whose rights; whoever changes what is started becomes it.
        cron: none for one start, at `start_at`.
        revision: none for the latest.
        schemes: ids of those that say which optional nodes run.
        missed, overlap: see `Missed` and `Overlap`.
        state: of one start: not_started, started or start_failed; empty where there are many.
        next_at: when it is due; none while it is off or when nothing is to come.
        refusals: starts that were refused, in a row.
        stopped_because: why it was switched off by itself.
        version, updated_by: see `Versioned`.
    """

    __tablename__ = "orchestrator_schedule"
    __table_args__ = (
        Index(
            "ix_orchestrator_schedule_next_at",
            "next_at",
            sqlite_where=text("next_at IS NOT NULL"),
            postgresql_where=text("next_at IS NOT NULL"),
        ),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    project_id: str = Field(max_length=32, index=True)
    flow_id: str = Field(max_length=32, index=True)
    common: bool = False
    name: str = Field(max_length=200)
    owner: str = Field(max_length=128, index=True)
    cron: str | None = Field(default=None, max_length=200)
    time_zone: str = Field(max_length=64)
    start_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    end_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    inputs: dict[str, Any] = Field(sa_type=JsonValue)
    revision: int | None = None
    leave_out: list[str] = Field(sa_type=JsonValue)
    schemes: list[str] = Field(default_factory=list, sa_type=JsonValue)
    missed: str = Field(max_length=16)
    overlap: str = Field(max_length=16)
    enabled: bool = True
    state: str = Field(default="", max_length=16)
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    refusals: int = 0
    stopped_because: str = Field(default="", max_length=500)
    version: int = 1
    created_by: str = Field(max_length=128)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_by: str = Field(max_length=128)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class ScheduleRun(SQLModel, table=True):
    """A time at which a schedule was due, and what came of it.

    Attributes:
        due_at: of several that were missed, the first.
        outcome: started, queued, skipped, missed or refused.
        reason: why no task was started.
        count: of the times a row stands for; more than one of those that were missed.
        by: who asked for it to run now; empty when its time had come.
    """

    __tablename__ = "orchestrator_schedule_run"
    __table_args__ = (
        Index("ix_orchestrator_schedule_run_schedule", "schedule_id", "id"),
        Index(
            "ix_orchestrator_schedule_run_queued",
            "schedule_id",
            sqlite_where=text("outcome = 'queued'"),
            postgresql_where=text("outcome = 'queued'"),
        ),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    schedule_id: str = Field(max_length=32)
    due_at: datetime = Field(sa_type=UtcDateTime)
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    outcome: str = Field(max_length=16)
    reason: str = Field(default="", max_length=500)
    count: int = 1
    task_id: str | None = Field(default=None, max_length=32, index=True)
    by: str = Field(default="", max_length=128)
