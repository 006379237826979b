from datetime import datetime

from pydantic import BaseModel

from kernel.http.field_problems import SaidView
from marketplace.hosting.models import HostedState


class HostedPluginView(BaseModel):
    """A hosted plugin version and its process.

    Attributes:
        machine: has its data and runs it.
        waiting: runs that have not ended.
        memory: bytes. start_seconds: how long the last start took.
    """

    plugin: str
    version: str
    state: HostedState
    detail: str
    machine: str | None
    pid: int
    waiting: int
    memory: int
    cpu_seconds: float
    restarts: int
    start_seconds: float
    started_at: datetime | None
    updated_at: datetime


class HostedLogView(BaseModel):
    """Attributes:
    lines: the newest, the oldest of them first; none where another machine has them.
    """

    lines: list[str]


class MeasureView(BaseModel):
    """One part of what keeps plugins apart from the machine, and whether it holds here."""

    name: str
    enforced: bool
    detail: SaidView


class HostingView(BaseModel):
    """Attributes:
    hosts: this process of the server runs plugins.
    walls: `namespaces`, `landlock` or `none`.
    runs: plugins are run with what holds here.
    unseen: plugins that are hosted and of others, whom alone and administrators they are shown to.
    """

    hosts: bool
    walls: str
    runs: bool
    unseen: int
    measures: list[MeasureView]
