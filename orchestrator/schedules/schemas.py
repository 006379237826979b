from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from orchestrator.flows.schemas import Body, Name
from orchestrator.schedules.overlap import Overlap
from orchestrator.schedules.times import Missed
from orchestrator.schemes.schemas import SchemeIds
from orchestrator.tasks.schemas import Moment
from orchestrator.versions import Version

Revision = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]
Zone = Annotated[str, Field(min_length=1, max_length=64)]


class TimesBody(Body):
    """`cron` has five fields and speaks of `time_zone`. Without it there is one start, at `start_at`."""

    cron: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    time_zone: Zone = "UTC"
    start_at: Moment | None = None
    end_at: Moment | None = None


class ScheduleBody(TimesBody):
    """`revision` pins one; the latest when left out. `missed` says what becomes of starts that nobody could make in
    time, `overlap` of those that come while a task of the schedule still goes on.
    """

    name: Name
    inputs: dict[str, Any] = Field(default_factory=dict)
    revision: Revision | None = None
    leave_out: Annotated[list[str], Field(max_length=10_000)] = Field(default_factory=list)
    schemes: SchemeIds = Field(default_factory=list)
    missed: Missed = Missed.RUN_ONCE
    overlap: Overlap = Overlap.SKIP
    enabled: bool = True


class ScheduleChange(ScheduleBody):
    """`version` is that of the schedule the change was made from."""

    version: Version


class SchedulePreviewBody(TimesBody):
    count: int = Field(default=5, ge=1, le=50)


class SchedulePreview(BaseModel):
    times: list[datetime]


class ScheduleRunView(BaseModel):
    """`count`: how many times a row stands for, more than one of those missed, of which `due_at` is the first. `by`:
    who asked for it by hand.
    """

    id: str
    due_at: datetime
    at: datetime
    outcome: Literal["started", "queued", "skipped", "missed", "refused"]
    reason: str
    count: int
    task_id: str | None
    by: str


class ScheduleView(BaseModel):
    """Tasks run in the project `project_id`; `common`: the flow is another project's, which shares it.
    `state` is of one start, empty where there are many. `stopped_because`: why it was switched off by itself.
    `version` counts what people change, and `updated_by` was the last who did.
    """

    id: str
    project_id: str
    flow_id: str
    common: bool
    name: str
    owner: str
    cron: str | None
    time_zone: str
    start_at: datetime | None
    end_at: datetime | None
    inputs: dict[str, Any]
    revision: int | None
    leave_out: list[str]
    schemes: list[str]
    missed: Missed
    overlap: Overlap
    enabled: bool
    state: Literal["", "not_started", "started", "start_failed"]
    next_at: datetime | None
    refusals: int
    stopped_because: str
    version: int
    created_by: str
    created_at: datetime
    updated_by: str
    updated_at: datetime
    last_run: ScheduleRunView | None
