from typing import Annotated, Literal

from pydantic import BaseModel, Field

from orchestrator.sops.schemas import Asked, Number
from orchestrator.sops.tasks.schemas import Constants, OfTask, TaskRow
from orchestrator.sops.templates.schemas import Name, Numbers

Status = Literal["submitted", "claimed", "rejected", "executed", "finished"]
ExecuteStatus = Literal["nonExecution", "running", "revoked", "finished"]
_Person = Annotated[str, Field(max_length=128)]
_Moment = Annotated[str, Field(max_length=40)]


class ListFunctionTasks(Asked):
    """`id_in` are numbers of the forms, `task_id_in` those of their tasks; `creator` and `claimant` parts of names."""

    id_in: Numbers | None = None
    task_id_in: Numbers | None = None
    status: Status | None = None
    execute_status: ExecuteStatus | None = None
    project_id: Number | None = None
    creator: _Person = ""
    claimant: _Person = ""
    create_time_gte: _Moment = ""
    create_time_lte: _Moment = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 100
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class ClaimFunctionTask(OfTask):
    """What is named of `constants` is what the task is to be started with instead."""

    constants: Constants = Field(default_factory=dict)
    name: Name | Literal[""] = ""


class FunctionTask(BaseModel):
    """A task that somebody asks for. `id` is its number until it is started; `task` has one of its own from then on."""

    id: int
    name: str
    creator: str
    rejecter: str
    claimant: str
    predecessor: str
    create_time: str
    claim_time: str
    reject_time: str
    transfer_time: str
    status: Status
    task: TaskRow
