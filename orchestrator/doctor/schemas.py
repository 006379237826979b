from typing import Annotated

from pydantic import BaseModel, Field

from orchestrator.engine.invariants import Invariant
from orchestrator.flows.schemas import Body


class TaskFindingRef(Body):
    """A finding, by what it is about."""

    invariant: Invariant
    task_id: Annotated[str, Field(max_length=32, pattern=r"^[^\x00]*$")]
    node_id: Annotated[str | None, Field(max_length=2048, pattern=r"^[^\x00]*$")] = None


class TaskFinding(BaseModel):
    """An invariant that a task breaks: `why` is what is seen, `mend` what mending does about it."""

    invariant: Invariant
    task_id: str
    project_id: str
    node_id: str | None
    why: str
    mend: str


class Examination(BaseModel):
    """`tasks` were looked at; `workers` live. At most 1000 findings are told at once."""

    items: list[TaskFinding]
    tasks: int
    workers: list[str]


class MendBody(Body):
    """`findings` as an examination told them."""

    findings: Annotated[list[TaskFindingRef], Field(min_length=1, max_length=1000)]


class Mended(BaseModel):
    """What was still so, and is mended."""

    items: list[TaskFinding]
