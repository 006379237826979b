"""What is asked and answered about crons (reference: BlueKing jobv3 save_cron and its neighbours)."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from adapters.job.service.crons.models import CronStatus
from adapters.job.service.plans.schemas import MAX_VARIABLES, GivenVariable
from adapters.job.service.schemas import LARGEST_ID, Id, Scoped
from kernel.names import NameRule

_Name = Annotated[str, Field(min_length=1, max_length=128), NameRule]


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isdecimal() else value


Status = Annotated[CronStatus, BeforeValidator(_number, json_schema_input_type=Literal[1, 2, "1", "2"])]


class SaveCron(Scoped):
    """Without `id` a new one; with it, what is left out stays."""

    id: Id | None = None
    name: _Name | None = None
    job_plan_id: Id | None = None
    expression: str | None = Field(
        default=None, max_length=200, description="Minute, hour, day of month, month, day of week; or execute_time."
    )
    execute_time: int | None = Field(default=None, ge=0, le=2**40, description="Once, at these seconds since 1970.")
    time_zone: str | None = Field(default=None, max_length=64, description="That the rule speaks of; UTC if new.")
    global_var_list: list[GivenVariable] | None = Field(
        default=None,
        max_length=MAX_VARIABLES,
        description="All of them. A sealed variable that is only named, as it was before, keeps its value.",
    )
    status: Status | None = Field(default=None, description="1 started, 2 paused, as a new one is.")


class OfCron(Scoped):
    id: Id


class UpdateCronStatus(OfCron):
    status: Status = Field(description="1 started, 2 paused.")


class ListCrons(Scoped):
    name: str | None = Field(default=None, max_length=128, description="Part of the name.")
    creator: str | None = Field(default=None, max_length=128)
    last_modify_user: str | None = Field(default=None, max_length=128)
    job_plan_id: Id | None = None
    status: Status | None = None
    start: int = Field(default=0, ge=0, le=LARGEST_ID)
    length: int = Field(default=20, ge=1, le=200)


class CronId(BaseModel):
    id: int


class CronShown(BaseModel):
    id: int
    bk_scope_type: str
    bk_scope_id: str
    name: str
    job_plan_id: int
    status: int
    expression: str
    execute_time: int | None
    time_zone: str
    creator: str
    create_time: int
    last_modify_user: str
    last_modify_time: int
    next_time: int | None = Field(description="Milliseconds since 1970, as the other times are.")
    last_time: int | None
    last_job_instance_id: int | None
    last_problem: str = Field(description="Why the last time became no job.")


class CronDetail(CronShown):
    global_var_list: list[dict[str, Any]] = Field(description="Values of sealed variables are left out.")


class Crons(BaseModel):
    start: int
    length: int
    total: int
    data: list[CronShown]
