from typing import Annotated

from pydantic import BaseModel, Field

from orchestrator.flows.schemas import Body
from orchestrator.launch.schemas import ProjectRef

Limit = Annotated[int | None, Field(ge=0, le=1_000_000)]


class QuotaBody(Body):
    """The quotas that shall hold; none is no limit."""

    running_tasks: Limit = None
    queued_tasks: Limit = None
    launches_per_minute: Limit = None
    calls_at_once: Annotated[int | None, Field(ge=1, le=1_000_000)] = None


class QuotaView(BaseModel):
    """`own`: the project has quotas of its own, otherwise those for all hold. `running`, `queued` and `launched` are
    tasks: under way, waiting for that, launched in the last minute.
    """

    running_tasks: int | None
    queued_tasks: int | None
    launches_per_minute: int | None
    calls_at_once: int | None
    own: bool
    running: int
    queued: int
    launched: int


class ProjectQuotaView(QuotaView):
    project: ProjectRef
