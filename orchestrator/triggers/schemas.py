from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from kernel.http.field_problems import FieldProblemView
from orchestrator.flows.schemas import Body, Name
from orchestrator.schemes.schemas import SchemeIds
from orchestrator.versions import Version
from orchestrator.waiting.schemas import EventName

Resource = Literal["host", "host_relation", "biz", "set", "module", "plat"]
EventType = Literal["create", "update", "delete"]
Authentication = Literal["signature", "bearer"]
Condition = Annotated[str, Field(max_length=4096)]


class TriggerChange(Body):
    """`condition` is CEL over what came; empty lets all through. `mapping` gives the inputs; `${…}` stands for parts of
    what came. Of the inventory that is `event` (`id`, `resource`, `type`, `detail`), of a webhook `payload`.

    Of `schemes`, what all of them leave out is left out.

    With `event` no task is started: the project's tasks are told of an event of that name and of the key `event_key`, a
    template too; `mapping` is what they are told.
    """

    name: Name
    condition: Condition = ""
    mapping: dict[str, Any] = Field(default_factory=dict)
    event: EventName | Literal[""] = ""
    event_key: Annotated[str, Field(max_length=1000)] = ""
    revision: Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)] | None = None
    schemes: SchemeIds = Field(default_factory=list)
    event_types: Annotated[list[EventType], Field(max_length=3)] = Field(default_factory=list)
    authentication: Authentication = "signature"
    payload_schema: dict[str, Any] | None = None
    per_minute: int = Field(default=60, ge=1, le=6000)


class TriggerReplacement(TriggerChange):
    """`version` is that of the trigger the change was made from."""

    version: Version


class TriggerBody(TriggerChange):
    """`resource` and `event_types` are for kind `inventory`; `authentication`, `payload_schema` and `per_minute` for
    kind `webhook`.
    """

    kind: Literal["inventory", "webhook"]
    resource: Resource | None = None


class TriggerTrialBody(Body):
    """`sample` is what comes: a change of the inventory, or what is sent to the address."""

    trigger: TriggerBody
    sample: Any = None


class TriggerTrialView(BaseModel):
    """`passes`: the condition lets it through. `inputs`: of the task, or what tasks would be told. With `problems`
    nothing is started or told.
    """

    passes: bool
    inputs: dict[str, Any] | None
    event_key: str
    problems: list[FieldProblemView]


class TriggerRunView(BaseModel):
    id: str
    key: str
    at: datetime
    outcome: Literal["started", "told", "refused"]
    reason: str
    task_id: str | None


class TriggerView(BaseModel):
    """Tasks run in the project `project_id`; `common`: the flow is another project's, which shares it.
    `address`: of a webhook. `problem`: why the inventory can't be watched now; empty when it can. `version`
    counts what people change, and `updated_by` was the last who did.
    """

    id: str
    project_id: str
    flow_id: str
    common: bool
    name: str
    owner: str
    kind: Literal["inventory", "webhook"]
    resource: str
    event_types: list[EventType]
    condition: str
    mapping: dict[str, Any]
    event: str
    event_key: str
    revision: int | None
    schemes: list[str]
    authentication: Literal["", "signature", "bearer"]
    payload_schema: dict[str, Any] | None
    per_minute: int
    address: str
    problem: str
    enabled: bool
    refusals: int
    stopped_because: str
    version: int
    created_by: str
    created_at: datetime
    updated_by: str
    updated_at: datetime
    last_run: TriggerRunView | None


class TriggerWithSecret(BaseModel):
    """`secret` is shown this once; empty where there is none."""

    trigger: TriggerView
    secret: str


class HookAnswer(BaseModel):
    """`task_id`: of the task that was started; null when the trigger's condition did not let the call through, and when
    tasks were told of an event.
    """

    task_id: str | None
