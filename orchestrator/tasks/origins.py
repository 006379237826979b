"""What started a task."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class OriginKind(StrEnum):
    """MANUAL: a person, or a program in his name. REQUEST: somebody asked for it, an operator ran it. MOCK: a trial of
    a flow's draft, or of one of its nodes. RERUN: an earlier task, from one of its nodes, or anew from the archive.
    AGENT: a tool of an agent. STANDARD_OPS: a client of Standard OPS. SUBPROCESS: a node of another task, which waits
    for it.
    """

    MANUAL = "manual"
    SCHEDULE = "schedule"
    TRIGGER = "trigger"
    MINI_APP = "mini_app"
    REQUEST = "request"
    MOCK = "mock"
    RERUN = "rerun"
    AGENT = "agent"
    STANDARD_OPS = "standard_ops"
    SUBPROCESS = "subprocess"


@dataclass(frozen=True, slots=True)
class Origin:
    """Attributes:
    id: of the schedule, trigger, app, request, earlier or outer task; empty where the kind says all.
    name: as it was called then; of a request, who asked.
    """

    kind: OriginKind
    id: str = ""
    name: str = ""


BY_HAND: Final = Origin(OriginKind.MANUAL)
