"""How tasks came to be, as clients of Standard OPS know it. Pure."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final

from orchestrator.runtime.models import Task
from orchestrator.tasks.origins import OriginKind


class CreateMethod(StrEnum):
    """APP: by hand. API: by a client, an event, another task. APP_MAKER: by a mini-app. MCP: by a tool of an agent."""

    APP = "app"
    API = "api"
    APP_MAKER = "app_maker"
    PERIODIC = "periodic"
    CLOCKED = "clocked"
    MCP = "mcp"


ORIGINS: Final[Mapping[CreateMethod, tuple[OriginKind, ...]]] = {
    CreateMethod.APP: (OriginKind.MANUAL, OriginKind.REQUEST, OriginKind.RERUN, OriginKind.MOCK),
    CreateMethod.API: (OriginKind.STANDARD_OPS, OriginKind.TRIGGER, OriginKind.SUBPROCESS),
    CreateMethod.APP_MAKER: (OriginKind.MINI_APP,),
    CreateMethod.MCP: (OriginKind.AGENT,),
}
_METHODS: Final = {kind: method for method, kinds in ORIGINS.items() for kind in kinds}


def create_method(task: Task, clocked: Collection[str]) -> CreateMethod:
    """Args:
    clocked: ids of schedules that start one task only.
    """
    kind = OriginKind(task.origin)
    if kind is OriginKind.SCHEDULE:
        return CreateMethod.CLOCKED if task.origin_id in clocked else CreateMethod.PERIODIC
    return _METHODS[kind]
