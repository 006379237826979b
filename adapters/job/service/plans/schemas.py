"""What is asked and answered about job plans (reference: BlueKing jobv3 get_job_plan_detail, execute_job_plan)."""

from enum import IntEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from adapters.job.service.files.schemas import MAX_FILES, SourceAccount
from adapters.job.service.languages import Language
from adapters.job.service.schemas import (
    LARGEST_ID,
    Asked,
    CalledBack,
    Id,
    Rolled,
    Scoped,
    ScriptLanguage,
    TargetServer,
)
from adapters.job.service.states import StepType
from kernel.names import NameRule

MAX_STEPS = 20
MAX_VARIABLES = 100
MAX_VALUE = 10_000

_Flag = Annotated[bool, WithJsonSchema({"enum": [0, 1, False, True]})]
_Timeout = Annotated[int, Field(ge=1, le=86400, description="Seconds.")]
_Limit = Annotated[int | None, Field(ge=1, le=100_000, description="MiB a second.")]
_Path = Annotated[str, Field(min_length=1, max_length=1024, description="May hold ${variables}.")]
_Name = Annotated[str, Field(min_length=1, max_length=128), NameRule]


def _number(value: Any) -> Any:
    """Accepts a number as text, as GET sends it."""
    return int(value) if isinstance(value, str) and value.isdigit() else value


class VariableType(IntEnum):
    STRING = 1
    HOSTS = 3
    CIPHER = 4


class GlobalVariable(Asked):
    name: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")
    type: Annotated[VariableType, BeforeValidator(_number)] = Field(
        default=VariableType.STRING, description="1 text, 3 hosts, 4 text that is kept sealed and never answered."
    )
    description: str = Field(default="", max_length=500)
    required: _Flag = Field(default=False, description="It must have a value when the plan is executed.")
    value: str | None = Field(default=None, max_length=MAX_VALUE, description="Of a text, if the caller sends none.")
    server: TargetServer | None = Field(default=None, description="Of hosts, if the caller sends none.")


class Servers(TargetServer):
    variable: str = Field(default="", max_length=64, description="The variable whose hosts are meant.")


class ScriptInfo(Rolled):
    script_content: str | None = Field(default=None, max_length=2 * 1024 * 1024, description="In base64.")
    script_id: str | None = Field(default=None, max_length=32, description="Its online version; beats script_content.")
    script_version_id: Id | None = Field(default=None, description="Of the library; beats script_id.")
    script_language: ScriptLanguage = Language.SHELL
    script_param: str = Field(
        default="", max_length=100_000, description="Parameters as a command line, in base64; may hold ${variables}."
    )
    script_timeout: _Timeout = 7200
    is_param_sensitive: _Flag = False
    account: SourceAccount = Field(default_factory=SourceAccount)
    server: Servers


class PlanFileSource(Asked):
    file_list: list[_Path] = Field(min_length=1, max_length=MAX_FILES)
    account: SourceAccount = Field(default_factory=SourceAccount)
    server: Servers


class FileDestination(Asked):
    path: _Path
    account: SourceAccount = Field(default_factory=SourceAccount)
    server: Servers


class FileInfo(Rolled):
    file_source_list: list[PlanFileSource] = Field(min_length=1, max_length=MAX_FILES)
    file_destination: FileDestination
    timeout: _Timeout = 7200
    transfer_mode: Literal[1, 2, "1", "2"] = 2
    upload_speed_limit: _Limit = None
    download_speed_limit: _Limit = None


class ApprovalInfo(Asked):
    approval_message: str = Field(min_length=1, max_length=1000, description="May hold ${variables}.")


class PlanStep(Asked):
    name: _Name
    type: Annotated[StepType, BeforeValidator(_number)] = Field(description="1 script, 2 files, 3 approval.")
    script_info: ScriptInfo | None = None
    file_info: FileInfo | None = None
    approval_info: ApprovalInfo | None = None


class CreatePlan(Scoped):
    name: _Name
    description: str = Field(default="", max_length=500)
    global_var_list: list[GlobalVariable] = Field(default_factory=list, max_length=MAX_VARIABLES)
    step_list: list[PlanStep] = Field(min_length=1, max_length=MAX_STEPS)


class UpdatePlan(Scoped):
    """What is left out stays; a sealed text without a value keeps the one it has."""

    job_plan_id: Id
    name: _Name | None = None
    description: str | None = Field(default=None, max_length=500)
    global_var_list: list[GlobalVariable] | None = Field(default=None, max_length=MAX_VARIABLES)
    step_list: list[PlanStep] | None = Field(default=None, min_length=1, max_length=MAX_STEPS)


class OfPlan(Scoped):
    job_plan_id: Id


class GetPlan(OfPlan):
    version: Id | None = Field(default=None, description="An earlier one; without it the last.")


class ListPlans(Scoped):
    name: str | None = Field(default=None, max_length=128, description="Part of the name.")
    creator: str | None = Field(default=None, max_length=128)
    last_modify_user: str | None = Field(default=None, max_length=128)
    start: int = Field(default=0, ge=0, le=LARGEST_ID)
    length: int = Field(default=20, ge=1, le=200)


class ListPlanVersions(OfPlan):
    start: int = Field(default=0, ge=0, le=LARGEST_ID)
    length: int = Field(default=20, ge=1, le=200)


class GivenVariable(Asked):
    """A value for one execution, of the variable with this id or name."""

    id: Id | None = None
    name: str | None = Field(default=None, max_length=64)
    value: str | None = Field(default=None, max_length=MAX_VALUE)
    server: TargetServer | None = None


class ExecutePlan(CalledBack):
    job_plan_id: Id
    global_var_list: list[GivenVariable] = Field(default_factory=list, max_length=MAX_VARIABLES)
    task_name: str = Field(default="", max_length=512, description="The plan's name without it.")


class PlanMade(BaseModel):
    job_plan_id: int
    version: int


class PlanDeleted(BaseModel):
    job_plan_id: int


class PlanExecuted(BaseModel):
    job_instance_id: int
    job_instance_name: str


class PlanShown(BaseModel):
    id: int
    bk_scope_type: str
    bk_scope_id: str
    name: str
    description: str
    version: int
    creator: str
    create_time: int
    last_modify_user: str
    last_modify_time: int


class Plans(BaseModel):
    start: int
    length: int
    total: int
    data: list[PlanShown]


class PlanVersionShown(BaseModel):
    version: int
    creator: str
    create_time: int


class PlanVersions(BaseModel):
    start: int
    length: int
    total: int
    data: list[PlanVersionShown]


class VariableShown(BaseModel):
    id: int
    name: str
    type: int
    description: str
    required: int
    value: str | None = Field(description="Never of a sealed text.")
    has_value: bool
    server: dict[str, Any] | None


class StepShown(BaseModel):
    id: int
    name: str
    type: int
    script_info: dict[str, Any] | None
    file_info: dict[str, Any] | None
    approval_info: dict[str, Any] | None


class PlanDetail(PlanShown):
    job_plan_id: int
    global_var_list: list[VariableShown]
    step_list: list[StepShown]
