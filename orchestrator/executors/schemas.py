from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from orchestrator.executors.judging import ConsentLack
from orchestrator.flows.schemas import Body

LONGEST_DAYS = 366

Scope = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=r"^[^\s\x00-\x1f\x7f]+$")]
Username = Annotated[str, StringConstraints(strip_whitespace=True, max_length=128, pattern=r"^[^\x00-\x1f\x7f]*$")]


class ExecutorConsentBody(Body):
    """`flow` left out is whatever the project runs; `revision` left out is every one. `scopes` are what may be called
    at most: none of them is no call but of plugins that need none.
    """

    project: Annotated[str, Field(min_length=1, max_length=128)]
    flow: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = None
    revision: Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)] | None = None
    scopes: Annotated[list[Scope], Field(max_length=500)]
    days: Annotated[int, Field(strict=True, ge=1, le=LONGEST_DAYS)] = 90


class ExecutorConsentView(BaseModel):
    """`flow_id` is empty for whatever the project runs. One that was revoked or is over is worth nothing."""

    id: str
    project_id: str
    project_code: str
    flow_id: str
    flow_name: str
    revision: int | None
    scopes: list[str]
    given_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class ExecutorConsentList(BaseModel):
    items: list[ExecutorConsentView]


class ExecutorRequestView(BaseModel):
    """Somebody names the caller as executor of what stands in a flow, or of a project's tasks.

    `flow_id` is empty for a project; `latest_revision` is the flow's, `scopes` what may be called there at present.
    `lack` says why that has no effect yet; none when a consent covers it.
    """

    project_id: str
    project_code: str
    flow_id: str
    flow_name: str
    latest_revision: int | None
    scopes: list[str]
    asked_by: str
    asked_at: datetime
    lack: ConsentLack | None


class ExecutorRequestList(BaseModel):
    items: list[ExecutorRequestView]


class ProjectExecutorBody(Body):
    """Empty for who launches."""

    username: Username


class ProjectExecutorView(BaseModel):
    """`lack` says why naming the person has no effect for all of the project's tasks; flows may have consents of their
    own.
    """

    username: str
    set_by: str
    set_at: datetime | None
    lack: ConsentLack | None
