import datetime as dt
from enum import StrEnum

from pydantic import BaseModel, Field

from orchestrator.flows.schemas import Body


class Sheet(StrEnum):
    """What a table tells of."""

    DAYS = "days"
    FLOWS = "flows"
    PLUGINS = "plugins"
    NODES = "nodes"


class TaskFiguresView(BaseModel):
    """`id` is a day, a flow or a project. Times are seconds of finished tasks, none where none has finished."""

    id: str
    name: str
    finished: int
    failed: int
    revoked: int
    mean: float | None
    median: float | None
    p95: float | None
    saved: float


class NodeFiguresView(BaseModel):
    """`share` is that of failed attempts; `flow_id` and `node` are empty where it is about a plugin."""

    flow_id: str
    flow_name: str
    node: str
    plugin: str
    version: str
    runs: int
    failed: int
    share: float
    mean: float | None
    median: float | None
    p95: float | None


class StatisticsView(BaseModel):
    since: dt.date
    until: dt.date
    total: TaskFiguresView
    days: list[TaskFiguresView]
    flows: list[TaskFiguresView]
    plugins: list[NodeFiguresView]
    nodes: list[NodeFiguresView]


class ProjectStatistics(BaseModel):
    since: dt.date
    until: dt.date
    items: list[TaskFiguresView]


class ByHand(Body):
    """How long people need for what the flow does; 0 when nobody knows."""

    minutes: int = Field(strict=True, ge=0, le=100_000)
