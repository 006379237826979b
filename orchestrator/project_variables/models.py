from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue, UtcDateTime
from kernel.ids import new_id


class ProjectVariable(SQLModel, table=True):
    """A value that every flow of a project may use, as `project.variables.<name>`.

    Attributes:
        value: a text, a number, true or false, a list or an object; no secret.
        version: rises with each change; a change names the one it was made from.
    """

    __tablename__ = "orchestrator_project_variable"
    __table_args__ = (UniqueConstraint("project_id", "name"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    project_id: str = Field(max_length=32)
    name: str = Field(max_length=64)
    title: str = Field(default="", max_length=200)
    description: str = Field(default="", max_length=2000)
    value: Any = Field(sa_type=JsonValue, nullable=False)
    version: int = Field(default=1)
    updated_by: str = Field(max_length=128)
    updated_at: datetime = Field(sa_type=UtcDateTime)
