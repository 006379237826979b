from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue, UtcDateTime
from kernel.ids import new_id


class Scheme(SQLModel, table=True):
    """A saved selection of a flow's optional nodes.

    Attributes:
        keep: those that run.
        leave_out: those that don't; a node that is in neither was not there when the scheme was made, and runs.
    """

    __tablename__ = "orchestrator_scheme"
    __table_args__ = (UniqueConstraint("flow_id", "name"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    project_id: str = Field(max_length=32)
    flow_id: str = Field(max_length=32, foreign_key="orchestrator_flow.id")
    name: str = Field(max_length=100)
    keep: list[str] = Field(sa_type=JsonValue)
    leave_out: list[str] = Field(sa_type=JsonValue)
    updated_by: str = Field(max_length=128)
    updated_at: datetime = Field(sa_type=UtcDateTime)
