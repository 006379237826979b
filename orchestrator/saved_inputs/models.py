from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue, UtcDateTime
from kernel.ids import new_id


class SavedInputs(SQLModel, table=True):
    """Inputs of a flow under a name, to be taken again; never what its form takes as a secret.

    Attributes:
        shared: everybody who may launch the flow sees them; otherwise their owner alone.
    """

    __tablename__ = "orchestrator_saved_inputs"
    __table_args__ = (UniqueConstraint("flow_id", "owner", "name"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    project_id: str = Field(max_length=32)
    flow_id: str = Field(max_length=32)
    owner: str = Field(max_length=128)
    name: str = Field(max_length=200)
    shared: bool
    inputs: dict[str, Any] = Field(sa_type=JsonValue)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
