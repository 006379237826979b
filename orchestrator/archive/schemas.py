from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from orchestrator.flows.schemas import Body, Name


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
    attempts left, `cancellations` whose plugins were told that an attempt is wanted no more.
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
    cancellations: list[dict[str, Any]]


Days = Annotated[int | None, Field(ge=1, le=36_500)]


class RetentionBody(Body):
    """`days`: how long tasks stay as they are once they have ended; none for ever. `archive_days`: how long they are
    kept in the archive after that, and are then removed; none for ever.
    """

    days: Days
    archive_days: Days = None


class RetentionView(BaseModel):
    """`own`: the project says so itself, otherwise the platform's settings hold."""

    days: int | None
    archive_days: int | None
    own: bool


class ArchivedRerunBody(Body):
    """What is left out is as it was: the name, the revision, the inputs as they were in the end, the nodes that the
    task did without. Secrets among the inputs are not in the archive and have to be given anew.
    """

    name: Name | None = None
    inputs: dict[str, Any] | None = None
    revision: Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)] | None = None
    leave_out: Annotated[list[str], Field(max_length=10_000)] | None = None
