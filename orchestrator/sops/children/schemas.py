from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from orchestrator.sops.schemas import Asked
from orchestrator.sops.templates.schemas import Name

Id = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class StartChild(Asked):
    """`flow` is the id of one that the project may launch; `callback_url` that of the node which waits."""

    flow: Id
    callback_url: Annotated[str, Field(min_length=1, max_length=1000)]
    inputs: dict[str, Any] = Field(default_factory=dict)
    name: Name | None = None
    revision: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    schemes: Annotated[list[Id], Field(max_length=100)] = Field(default_factory=list)


class StartedChild(BaseModel):
    """`id` is the task's own id, by which `get_child_task` knows it; `task_id` its number."""

    id: str
    task_id: int
    task_name: str
    task_url: str


class OfChild(Asked):
    id: Id


class ChildStanding(BaseModel):
    """`error` is empty unless it failed or was revoked."""

    state: Literal["CREATED", "RUNNING", "SUSPENDED", "FAILED", "FINISHED", "REVOKED"]
    outputs: dict[str, Any]
    error: str
