"""What components of the job system are asked and answer (reference: BlueKing jobv3 components)."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from adapters.job.service.languages import Language
from kernel.host_addresses import split_addresses

LARGEST_ID = 2**31 - 1
MAX_HOSTS = 2000
MAX_PLACES = 100

Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class Asked(BaseModel):
    """Parameters: what a component doesn't know it passes over, since clients send their credentials here too."""

    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)


class Scoped(Asked):
    bk_scope_type: Literal["biz", "biz_set"]
    bk_scope_id: str = Field(min_length=1, max_length=32, json_schema_extra={"type": ["string", "integer"]})


class HostAddress(Asked):
    bk_cloud_id: int = Field(default=0, ge=0, le=LARGEST_ID)
    ip: str = Field(min_length=2, max_length=64, pattern=r"^[0-9A-Fa-f:.]+$")


def _addresses(value: Any) -> Any:
    """Accepts addresses as one text."""
    if not isinstance(value, str):
        return value
    return [{"bk_cloud_id": area, "ip": address} for area, address in split_addresses(value)]


HostAddresses = Annotated[
    list[HostAddress],
    BeforeValidator(_addresses, json_schema_input_type=list[HostAddress] | str),
    Field(max_length=MAX_HOSTS, description="Or text: `10.0.0.1, 3:10.0.0.2`, the second in cloud area 3."),
]


class DynamicGroup(Asked):
    id: str = Field(min_length=1, max_length=64, description="Of the inventory.")


class TopologyNode(Asked):
    id: Id
    node_type: Literal["biz", "set", "module"]


class TargetServer(Asked):
    """All hosts that are named in one of these ways; `ip_list` is passed over when `host_id_list` is given."""

    host_id_list: list[Id] = Field(default_factory=list, max_length=MAX_HOSTS)
    ip_list: HostAddresses = Field(default_factory=list)
    dynamic_group_list: list[DynamicGroup] = Field(default_factory=list, max_length=MAX_PLACES)
    topo_node_list: list[TopologyNode] = Field(default_factory=list, max_length=MAX_PLACES)


_NUMBERS = frozenset(str(language.value) for language in Language)


def _language(value: Any) -> Any:
    """Accepts the name of a language beside its number, and the number as text."""
    if isinstance(value, str) and value.upper() in Language.__members__:
        return Language[value.upper()]
    return int(value) if isinstance(value, str) and value in _NUMBERS else value


ScriptLanguage = Annotated[
    Language,
    BeforeValidator(
        _language,
        json_schema_input_type=Language
        | Literal["shell", "bat", "perl", "python", "powershell", "1", "2", "3", "4", "5"],
    ),
]


class UsingAccount(Scoped):
    account_id: Id | None = Field(default=None, description="Whom the job runs as on hosts; beats account_alias.")
    account_alias: str | None = Field(default=None, max_length=128)


class Rolling(Asked):
    expression: str = Field(
        min_length=1, max_length=500, description="Sizes of batches, e.g. `1 10% 50%`; the last one counts to the end."
    )
    mode: Literal[1, 2, "1", "2"] = Field(default=1, description="After a failure 1 pauses, 2 goes on.")


class Rolled(Asked):
    rolling_config: Rolling | None = Field(default=None, description="Hosts in batches; without it all at once.")


class CalledBack(Scoped):
    callback_url: str = Field(default="", max_length=2000)


class Executing(UsingAccount, CalledBack, Rolled):
    """What all components take that execute something on hosts."""

    target_server: TargetServer
    timeout: int = Field(default=7200, ge=1, le=86400, description="Seconds.")
    task_name: str = Field(default="", max_length=512)


class FastExecuteScript(Executing):
    script_content: str | None = Field(default=None, description="The script in base64.")
    script_text: str | None = Field(default=None, description="The script as it is; instead of script_content.")
    script_id: str | None = Field(default=None, max_length=32, description="Its online version; beats script_content.")
    script_version_id: Id | None = Field(default=None, description="Of the library; beats script_id.")
    script_name: str | None = Field(
        default=None, max_length=128, description="Of the library, instead of script_id: its online version."
    )
    script_language: ScriptLanguage = Field(
        default=Language.SHELL, description="1 shell, 2 bat, 3 perl, 4 python, 5 powershell; or the name."
    )
    script_param: str = Field(default="", description="Parameters as a command line, in base64.")
    script_param_text: str = Field(default="", description="The same as it is; instead of script_param.")
    is_param_sensitive: Annotated[bool, WithJsonSchema({"enum": [0, 1, False, True]})] = Field(
        default=False, description="1 keeps the parameters off every command line."
    )


class OfInstance(Scoped):
    job_instance_id: Id


class GetStatus(OfInstance):
    return_ip_result: bool = False


class Operate(OfInstance):
    operation_code: Literal[1, "1"] = Field(description="1 terminates.")


class OperateStep(OfInstance):
    step_instance_id: Id
    operation_code: Literal[2, 3, 6, 8, 9, 11, "2", "3", "6", "8", "9", "11"] = Field(
        description="2 tries the failed hosts again, 8 all hosts; 3 goes on in spite of the failed ones with the next "
        "batch or step, 11 with the step after a terminated one; 6 approves, 9 refuses."
    )


class ListInstances(Scoped):
    name: str | None = Field(default=None, max_length=512, description="Part of the name.")
    status: int | None = None
    operator: str | None = Field(default=None, max_length=128)
    type: Literal[0, 1, 2, "0", "1", "2"] | None = Field(default=None, description="0 plan, 1 script, 2 files.")
    ip: str | None = Field(default=None, max_length=64, description="A host it was for.")
    job_instance_id: Id | None = None
    job_plan_id: Id | None = None
    create_time_start: int | None = Field(default=None, ge=0, le=2**53, description="Milliseconds since 1970.")
    create_time_end: int | None = Field(default=None, ge=0, le=2**53)
    start: int = Field(default=0, ge=0, le=LARGEST_ID)
    length: int = Field(default=20, ge=1, le=200)


class ListScopes(Asked):
    pass


class JobScope(BaseModel):
    bk_scope_type: str
    bk_scope_id: str
    job_count: int
    last_create_time: int


class Executed(BaseModel):
    job_instance_id: int
    job_instance_name: str
    step_instance_id: int


class HostResult(BaseModel):
    bk_host_id: int | None
    bk_cloud_id: int
    ip: str
    status: int = Field(
        description="1 not reached, 5 waiting, 7 running, 9 ok, 11 failed, 12 not started, 403 killed, 404 kill failed."
    )
    tag: str
    exit_code: int | None
    error_code: int = Field(
        description="0 none, 1 not reached, 2 timeout, 3 terminated, 4 lost, 5 not started, 6 log too long, "
        "7 signalled, 8 login refused, 9 host key not accepted, 10 a file was not transferred."
    )
    reason: str
    start_time: int | None
    end_time: int | None
    total_time: int | None


class StepStatus(BaseModel):
    step_instance_id: int
    name: str
    type: int
    status: int
    execute_count: int
    create_time: int
    start_time: int | None
    end_time: int | None
    total_time: int | None
    approval_message: str = Field(default="", description="What a step of type 3 asks an approval for.")
    step_ip_result_list: list[HostResult] = Field(default_factory=list)


class InstanceSummary(BaseModel):
    job_instance_id: int
    name: str
    type: int = Field(description="0 plan, 1 script, 2 files.")
    bk_scope_type: str
    bk_scope_id: str
    status: int = Field(
        description="1 pending, 2 running, 3 success, 4 failed, 7 waiting for approval, 9 abnormal, 10 terminating, "
        "11 terminated, 14 refused; of a step also 5 skipped, 6 ignored, 13 approved."
    )
    operator: str
    job_plan_id: int | None = Field(description="The plan that was executed; none of a single script or files.")
    create_time: int
    start_time: int | None
    end_time: int | None
    total_time: int | None


class InstanceWithReason(InstanceSummary):
    reason: str = Field(description="Why it did not succeed, host by host; empty otherwise.")


class InstanceStatus(BaseModel):
    finished: bool
    job_instance: InstanceWithReason
    step_instance_list: list[StepStatus]


class Operated(BaseModel):
    job_instance_id: int


class StepOperated(BaseModel):
    job_instance_id: int
    step_instance_id: int


class Instances(BaseModel):
    start: int
    length: int
    total: int
    data: list[InstanceSummary]
