from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from orchestrator.engine.states import TaskState
from orchestrator.flows.schemas import Body, Name
from orchestrator.handover.states import RequestState
from orchestrator.launch.schemas import InputsFormView

Note = Annotated[str, Field(max_length=2000)]


class RequestForm(BaseModel):
    """The flow's form without what it takes as a secret."""

    flow_id: str
    project_id: str
    revision: int
    name: str
    description: str
    form: InputsFormView


class SubmitBody(Body):
    """`note` is for whoever runs it."""

    inputs: dict[str, Any] = Field(default_factory=dict)
    name: Name | None = None
    note: Note = ""


class AdjustBody(Body):
    inputs: dict[str, Any]


class RequestStartBody(Body):
    """`secrets`: what the flow's form takes as secrets."""

    secrets: dict[str, Any] = Field(default_factory=dict)


class RejectBody(Body):
    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class InputChangeView(BaseModel):
    """An input that is not as it was asked for."""

    name: str
    before: Any
    after: Any


class RequestView(BaseModel):
    """`asked` is as it was submitted, `inputs` as it would be run, `changes` what lies between. `claimed_until`: then
    others may claim it.
    """

    id: str
    project_id: str
    flow_id: str
    flow_name: str
    revision: int
    name: str
    note: str
    requester: str
    created_at: datetime
    expires_at: datetime
    state: RequestState
    claimed_by: str
    claimed_until: datetime | None
    asked: dict[str, Any]
    inputs: dict[str, Any]
    changes: list[InputChangeView]
    settled_by: str
    settled_at: datetime | None
    reason: str
    task_id: str | None
    task_state: TaskState | None
