from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from orchestrator.flow.paths import MAX_PATH


class ChildTask(SQLModel, table=True):
    """A task that a node of another one started and waits for.

    Attributes:
        parent_id: the task whose node waits; `node_id` is that node, `run_id` the attempt at it that waits.
        root_id, depth: the outermost task, and how many lie between; 1 for a child of it.
        told: the state that the parent was told last; `REPAIRED` once it goes on after it had failed.
        passed: what of the parent was passed on last: SUSPENDED or REVOKED.
        settled: nothing is to be told or passed on any more.
    """

    __tablename__ = "orchestrator_child_task"
    __table_args__ = (
        Index("ix_orchestrator_child_task_parent", "parent_id", "node_id"),
        Index(
            "ix_orchestrator_child_task_unsettled",
            "task_id",
            sqlite_where=text("settled = 0"),
            postgresql_where=text("NOT settled"),
        ),
    )

    task_id: str = Field(primary_key=True, max_length=32)
    parent_id: str = Field(max_length=32)
    root_id: str = Field(max_length=32)
    depth: int
    node_id: str = Field(max_length=MAX_PATH)
    run_id: str = Field(max_length=48)
    told: str = Field(default="", max_length=16)
    passed: str = Field(default="", max_length=16)
    settled: bool = False
