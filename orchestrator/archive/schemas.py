from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from orchestrator.flows.schemas import Body


class ArchivedSummary(BaseModel):
    id: str
    flow_id: str
    flow_name: str
    revision: int
    project_id: str
    name: str
    state: str
    created_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime
    archived_at: datetime


class ArchivedView(ArchivedSummary):
    """Everything kept of a task. `runs` are attempts at nodes in their order, with inputs and outputs; `history` what
    happened, `operations` what people and systems sent, `calls` what went through the gateway, `log` lines that
    attempts left.
    """

    inputs: dict[str, Any]
    outputs: dict[str, Any] | None
    scopes: list[str]
    definition: dict[str, Any]
    runs: list[dict[str, Any]]
    history: list[dict[str, Any]]
    operations: list[dict[str, Any]]
    calls: list[dict[str, Any]]
    log: list[dict[str, Any]]


class RetentionBody(Body):
    """`days`: how long tasks stay as they are once they have ended; none for ever."""

    days: Annotated[int | None, Field(ge=1, le=36_500)]


class RetentionView(BaseModel):
    """`own`: the project says so itself, otherwise the platform's setting holds."""

    days: int | None
    own: bool
