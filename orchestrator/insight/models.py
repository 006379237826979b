import datetime as dt

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue

MAX_NODE = 512
"""Characters of a node's path; what is longer is cut."""


class FlowDay(SQLModel, table=True):
    """What became of a flow's tasks on one day (UTC).

    Attributes:
        flow_id: empty for plugins that ran alone.
        failed: tasks that came to a standstill by a failure, whether or not they went on later.
        seconds: all those of finished tasks together.
        durations: of finished tasks, see `orchestrator.insight.durations`.
    """

    __tablename__ = "orchestrator_flow_day"
    __table_args__ = (Index("ix_orchestrator_flow_day_day", "day"),)

    project_id: str = Field(primary_key=True, max_length=32)
    day: dt.date = Field(primary_key=True)
    flow_id: str = Field(primary_key=True, max_length=32)
    finished: int = 0
    failed: int = 0
    revoked: int = 0
    seconds: float = 0.0
    durations: dict[str, int] = Field(default_factory=dict, sa_type=JsonValue)


class NodeDay(SQLModel, table=True):
    """How the attempts at a node ended on one day (UTC).

    Attributes:
        node: path of the node, without numbers of items.
        plugin, version: empty for nodes of other kinds.
        runs: attempts that ended, whatever way.
        failed: of them those that failed, whether or not the flow went on.
    """

    __tablename__ = "orchestrator_node_day"

    project_id: str = Field(primary_key=True, max_length=32)
    day: dt.date = Field(primary_key=True)
    flow_id: str = Field(primary_key=True, max_length=32)
    node: str = Field(primary_key=True, max_length=MAX_NODE)
    plugin: str = Field(primary_key=True, max_length=128)
    version: str = Field(primary_key=True, max_length=64)
    runs: int = 0
    failed: int = 0
    seconds: float = 0.0
    durations: dict[str, int] = Field(default_factory=dict, sa_type=JsonValue)


class CountedTask(SQLModel, table=True):
    """Failed attempts of a task that were counted before the task had ended; gone when it has.

    Attributes:
        numbers: of its node runs.
    """

    __tablename__ = "orchestrator_counted_task"

    task_id: str = Field(primary_key=True, max_length=32)
    numbers: list[int] = Field(sa_type=JsonValue)
