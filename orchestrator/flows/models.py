from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.db.types import JsonDocument, JsonValue, UtcDateTime
from kernel.ids import new_id


class FlowRow(SQLModel, table=True):
    """A flow with its draft.

    `draft_version` rises with each saved draft: a save must name the version it was made from.
    `minutes_by_hand` is what people need for what the flow does; 0 when nobody knows.
    """

    __tablename__ = "orchestrator_flow"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    project_id: str = Field(max_length=32, index=True)
    name: str = Field(max_length=200)
    description: str = Field(default="", max_length=2000)
    draft: dict[str, Any] = Field(sa_type=JsonDocument)
    draft_version: int = Field(default=1)
    latest_revision: int | None = Field(default=None)
    minutes_by_hand: int = Field(default=0)
    created_by: str = Field(max_length=128)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_by: str = Field(max_length=128)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class FlowRevisionRow(SQLModel, table=True):
    """A published definition; never changed once written.

    `scopes` is the union of what its plugins need, `plugins` the versions it is pinned to (`code` → versions).
    """

    __tablename__ = "orchestrator_flow_revision"
    __table_args__ = (UniqueConstraint("flow_id", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    flow_id: str = Field(max_length=32, foreign_key="orchestrator_flow.id")
    number: int
    definition: dict[str, Any] = Field(sa_type=JsonDocument)
    scopes: list[str] = Field(sa_type=JsonValue)
    plugins: dict[str, list[str]] = Field(sa_type=JsonValue)
    comment: str = Field(default="", max_length=2000)
    published_by: str = Field(max_length=128)
    published_at: datetime = Field(sa_type=UtcDateTime)
