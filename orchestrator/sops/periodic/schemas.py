from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from orchestrator.sops.schemas import Asked, InProject, Number
from orchestrator.sops.tasks.schemas import Constants, NodeIds, OfTask, SchemeNames
from orchestrator.sops.templates.schemas import Name, OfTemplate

CronField = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9A-Za-z*/,-]{1,60}$")]


class Cron(Asked):
    """Of `day_of_week` 0 is Sunday."""

    minute: CronField = "*"
    hour: CronField = "*"
    day_of_week: CronField = "*"
    day_of_month: CronField = "*"
    month_of_year: CronField = "*"

    @property
    def rule(self) -> str:
        """In the order that everybody else has them."""
        return f"{self.minute} {self.hour} {self.day_of_month} {self.month_of_year} {self.day_of_week}"


class AsksEdits(Asked):
    """Whether a periodic task runs the template's latest revision is told where it is asked for."""

    include_edit_info: bool = False


class ListPeriodicTasks(InProject, AsksEdits):
    """Of a project."""


class GetPeriodicTask(OfTask, AsksEdits):
    """One of a project's."""


class CreatePeriodicTask(OfTemplate, AsksEdits):
    """`time_zone` is the one that `cron` speaks of."""

    name: Name
    cron: Cron
    time_zone: Annotated[str, Field(min_length=1, max_length=64)] = "UTC"
    constants: Constants = Field(default_factory=dict)
    exclude_task_nodes_id: NodeIds = Field(default_factory=list)
    template_schemes_id: SchemeNames = Field(default_factory=list)


class SetEnabled(OfTask):
    enabled: bool = False


class ModifyCron(OfTask):
    """`time_zone` stays what it was when left out."""

    cron: Cron
    time_zone: Annotated[str, Field(min_length=1, max_length=64)] | None = None


class ModifyPeriodicConstants(OfTask):
    constants: Constants


class TaskParameters(Asked):
    constants: Constants = Field(default_factory=dict)
    template_schemes_id: SchemeNames = Field(default_factory=list)


class CreateClockedTask(OfTemplate):
    """`plan_start_time` is a moment like `2030-05-16 20:26:40+0800`; UTC where it names no zone."""

    task_name: Name
    plan_start_time: Annotated[str, Field(min_length=1, max_length=40)]
    task_parameters: TaskParameters = Field(default_factory=TaskParameters)


class ListClockedTasks(InProject):
    id: Number | None = None
    task_name: str = Field(default="", max_length=200)
    creator: str = Field(default="", max_length=128)
    state: Literal["", "not_started", "started", "start_failed"] = ""
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    offset: Annotated[int, Field(ge=0, le=500)] = 0


class PeriodicTask(BaseModel):
    """`cron` is in Standard OPS's order; `last_run_at` empty before the first. `is_latest` is left out unless
    `include_edit_info` asks for it.
    """

    id: int
    name: str
    template_id: int
    template_source: str
    creator: str
    cron: str
    time_zone: str
    enabled: bool
    last_run_at: str
    total_run_count: int
    editor: str
    edit_time: str
    is_latest: bool = True


class PeriodicTaskDetail(PeriodicTask):
    """`form` are the variables with what the tasks are started with."""

    form: dict[str, Any]
    pipeline_tree: dict[str, Any]


class Enabled(BaseModel):
    enabled: bool


class NewCron(BaseModel):
    cron: str


class ClockedTask(BaseModel):
    """`task_id` is the task, once it was started."""

    id: int
    task_id: int | None
    task_name: str
    task_parameters: dict[str, Any]
    creator: str
    state: str
    plan_start_time: str
    create_time: str
    edit_time: str
    project_id: int
    template_id: int
    template_name: str
    template_source: str
