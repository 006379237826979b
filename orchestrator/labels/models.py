from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.db.types import UtcDateTime
from kernel.ids import new_id


class Label(SQLModel, table=True):
    """A word that flows of a project are marked with.

    Attributes:
        colour: `#rrggbb`.
    """

    __tablename__ = "orchestrator_label"
    __table_args__ = (UniqueConstraint("project_id", "name"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    project_id: str = Field(max_length=32)
    name: str = Field(max_length=50)
    colour: str = Field(max_length=7)


class FlowLabel(SQLModel, table=True):
    """A flow has a label of its project."""

    __tablename__ = "orchestrator_flow_label"

    flow_id: str = Field(primary_key=True, max_length=32, foreign_key="orchestrator_flow.id")
    label_id: str = Field(primary_key=True, max_length=32, foreign_key="orchestrator_label.id", index=True)


class Favourite(SQLModel, table=True):
    """A flow that a person wants to find again."""

    __tablename__ = "orchestrator_favourite"

    username: str = Field(primary_key=True, max_length=128)
    flow_id: str = Field(primary_key=True, max_length=32, foreign_key="orchestrator_flow.id")
    at: datetime = Field(sa_type=UtcDateTime)
