from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue, UtcDateTime
from kernel.ids import new_id


class ExecutorConsent(SQLModel, table=True):
    """A person lets nodes call in his name: those that stand in a flow, or all of a project's tasks.

    Attributes:
        project_id: whose tasks.
        flow_id: empty for whatever the project runs.
        revision: the only one it is for; none for every one.
        scopes: what may be called at most.
        revoked_at: from when on it is worth nothing; kept so that a refusal can say so.
    """

    __tablename__ = "orchestrator_executor_consent"
    __table_args__ = (UniqueConstraint("username", "project_id", "flow_id"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    username: str = Field(max_length=128)
    project_id: str = Field(max_length=32)
    flow_id: str = Field(default="", max_length=32)
    revision: int | None = Field(default=None)
    scopes: list[str] = Field(sa_type=JsonValue)
    given_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ExecutorRequest(SQLModel, table=True):
    """The newest revision of a flow has nodes call in somebody's name: its own, or those of a flow it runs inside.

    Attributes:
        flow_id: the flow that names the person.
        place_id: the flow in which the nodes stand.
        project_id: of the flow that names.
    """

    __tablename__ = "orchestrator_executor_request"

    flow_id: str = Field(primary_key=True, max_length=32, foreign_key="orchestrator_flow.id")
    place_id: str = Field(primary_key=True, max_length=32, foreign_key="orchestrator_flow.id")
    username: str = Field(primary_key=True, max_length=128, index=True)
    project_id: str = Field(max_length=32)
    asked_by: str = Field(max_length=128)
    asked_at: datetime = Field(sa_type=UtcDateTime)


class ProjectExecutor(SQLModel, table=True):
    """In whose name the tasks of a project call where their flows name nobody."""

    __tablename__ = "orchestrator_project_executor"

    project_id: str = Field(primary_key=True, max_length=32)
    username: str = Field(max_length=128, index=True)
    set_by: str = Field(max_length=128)
    set_at: datetime = Field(sa_type=UtcDateTime)
