from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from orchestrator.sops.schemas import Asked, InProject, Number
from orchestrator.sops.tasks.making import CreateMethod
from orchestrator.sops.templates.schemas import Name, Numbers, OfTemplate

NodeIds = Annotated[list[str], Field(max_length=10_000)]
_SchemeName = Annotated[str, Field(max_length=120)]


def _listed(value: Any) -> Any:
    """Clients may name one scheme without a list."""
    return [value] if isinstance(value, str) else value


SchemeNames = Annotated[
    list[_SchemeName],
    BeforeValidator(_listed, json_schema_input_type=list[_SchemeName] | _SchemeName),
    Field(max_length=100),
]
Constants = Annotated[
    dict[str, Any], Field(max_length=1000, description="Values of the flow's inputs, as `${name}` or as `name`.")
]
MAX_TASKS = 50


class OfTask(InProject):
    task_id: Number


class NewTask(InProject):
    """What is asked of tasks, whatever they are made of."""

    name: Name
    constants: Constants = Field(default_factory=dict)


class CreateTask(NewTask, OfTemplate):
    """With `flow_type` `common_func` the task is asked for: others claim and start it.
    `execute_task_nodes_id` names the optional nodes to keep, and beats `exclude_task_nodes_id`.
    `template_schemes_id` names schemes as `get_template_schemes` does; a node runs that any of them keeps.
    `callback_url` is told what becomes of the task, signed with the secret of the flow's notices.
    `simplify_vars` names inputs that are given as text whatever they are: hosts by addresses, others as JSON.
    """

    flow_type: Literal["common", "common_func"] = "common"
    exclude_task_nodes_id: NodeIds = Field(default_factory=list)
    execute_task_nodes_id: NodeIds = Field(default_factory=list)
    callback_url: Annotated[str, Field(max_length=1000, pattern=r"^[\x21-\x7e]*$")] = ""
    template_schemes_id: SchemeNames = Field(default_factory=list)
    simplify_vars: Annotated[list[str], Field(max_length=1000)] = Field(default_factory=list)


class CreateAndStartTask(CreateTask):
    flow_type: Literal["common"] = "common"


class FastCreateTask(NewTask):
    flow_type: Literal["common"] = "common"
    pipeline_tree: dict[str, Any] | str
    description: str = Field(default="", max_length=2000)


class GetTaskDetail(OfTask):
    """With `include_webhook_history` it is told what addresses were told of the task."""

    include_webhook_history: bool = False


class GetTaskStatus(OfTask):
    """`with_new_status` tells nodes that wait for people apart from those that run."""

    subprocess_id: str = Field(default="", max_length=2048)
    with_ex_data: bool = False
    with_failed_node_info: bool = False
    with_auto_retry_status: bool = False
    with_new_status: bool = False


class GetTasksStatus(InProject):
    task_id_list: Annotated[list[Number], Field(max_length=MAX_TASKS)]
    include_children_status: bool = False


class FilterTasks(InProject):
    """Which tasks are meant."""

    keyword: str = Field(default="", max_length=200)
    is_started: bool | None = None
    is_finished: bool | None = None
    executor: str = Field(default="", max_length=128)
    create_method: CreateMethod | None = None
    is_child_taskflow: bool | None = Field(default=None, description="Whether a node of another task started it.")
    template_id: Number | None = None
    template_ids: Numbers | None = None
    create_time_start: str = Field(default="", max_length=40)
    create_time_end: str = Field(default="", max_length=40)


class CountTasks(FilterTasks):
    """How many there are of them."""


class ListTasks(FilterTasks):
    limit: Annotated[int, Field(ge=1, le=200)] = 100
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    without_count: bool = False


class CountConditions(Asked):
    """Tasks of exactly this name, that one person made or runs, made and begun between these times."""

    template_id: Number | None = None
    name: str = Field(default="", max_length=200)
    creator: str = Field(default="", max_length=128)
    executor: str = Field(default="", max_length=128)
    create_method: CreateMethod | None = None
    create_time__gte: str = Field(default="", max_length=40)
    create_time__lte: str = Field(default="", max_length=40)
    start_time__gte: str = Field(default="", max_length=40)
    start_time__lte: str = Field(default="", max_length=40)
    is_started: bool | None = None
    is_finished: bool | None = None


class QueryTaskCount(InProject):
    group_by: Literal["category", "create_method", "flow_type", "status"]
    conditions: CountConditions = Field(default_factory=CountConditions)


class OperateTask(OfTask):
    action: Literal["start", "pause", "resume", "revoke"]


class ModifyConstants(OfTask):
    constants: Annotated[Constants, Field(min_length=1)]
    name: Literal[""] | None = Field(default=None, description="A task keeps its name.")


class OperateRecords(OfTask):
    node_id: str = Field(default="", max_length=2048)


class CreatedTask(BaseModel):
    task_id: int
    task_url: str
    pipeline_tree: dict[str, Any]


class SubmittedTask(CreatedTask):
    """A task that was asked for. `task_id` is what it is claimed and started by."""

    function_task_claim_url: str


class StartedTask(BaseModel):
    task_url: str


class TaskStatus(BaseModel):
    id: int
    name: str
    status: dict[str, Any]
    flow_type: str
    current_flow: str
    is_deleted: bool
    create_time: str
    start_time: str
    finish_time: str
    url: str


class TaskRow(BaseModel):
    """`auth_actions` is what the person may do with all tasks of the project; nothing in lists of what is asked for."""

    id: int
    name: str
    category: str
    creator: str
    executor: str
    create_time: str
    start_time: str
    finish_time: str
    is_started: bool
    is_finished: bool
    template_source: str
    template_id: int | None
    create_method: CreateMethod
    is_child_taskflow: bool
    project_id: int
    project_name: str
    bk_biz_id: int | None
    bk_biz_name: str
    auth_actions: list[str] = Field(default_factory=list)


class Count(BaseModel):
    count: int


class TaskGroup(BaseModel):
    code: str
    name: str
    value: int


class TaskCounts(BaseModel):
    total: int
    groups: list[TaskGroup]


class WebhookDelivery(BaseModel):
    """A message to an address. `response` is why it was not taken; `status_code` none where nothing answered."""

    created_at: str
    event_code: str
    event_code_name: str
    is_success: bool
    status_code: int | None
    response: str | None


class TaskDetail(BaseModel):
    """`task_webhook_history` is left out unless it is asked for."""

    id: int
    name: str
    project_id: int
    project_name: str
    template_id: int | None
    create_method: CreateMethod
    is_child_taskflow: bool
    create_time: str
    creator: str
    start_time: str
    finish_time: str
    executor: str
    elapsed_time: int
    task_url: str
    pipeline_tree: dict[str, Any]
    constants: dict[str, Any]
    outputs: list[dict[str, Any]]
    ex_data: str
    task_webhook_history: list[WebhookDelivery] = Field(default_factory=list)


class EffectiveTime(BaseModel):
    """Attributes:
    effective_time: whole seconds in which some node was at work, of all that are in `total_elapsed_time`.
    excluded_node_count: nodes that waited for a person or a moment, of the `total_node_count` that were reached.
    """

    task_instance_id: int
    instance_id: int
    template_id: str
    task_template_id: str
    project_id: int
    creator: str
    create_method: CreateMethod
    create_time: str
    start_time: str
    finish_time: str
    total_elapsed_time: int
    effective_time: int
    excluded_node_count: int
    total_node_count: int
    excluded_component_codes: list[str]
    category: str


class Intervention(BaseModel):
    id: int
    manual_intervention_required: bool


class OperateRecord(BaseModel):
    project_id: int
    instance_id: int
    operator: str
    operate_type: str
    operate_type_name: str
    operate_date: str
    operate_source: str
    operate_source_name: str
    node_id: str
    extra_info: dict[str, Any]
