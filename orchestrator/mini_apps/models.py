from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue, UtcDateTime
from kernel.ids import new_id


class MiniApp(SQLModel, table=True):
    """A flow as people meet it who know nothing of flows: an address, a form, a button.

    Attributes:
        project_id: where its tasks run.
        common: the flow is another project's, which shares it.
        code: stands in the address; it never changes.
        revision: of the flow; none for the latest.
        fixed: inputs that nobody is asked for, with their values.
        leave_out: optional nodes its tasks do without.
        schemes: ids of those that say which optional nodes run.
        open_to_all: whoever signs in may use it; otherwise those with a role on it, on the flow or the project.
        version, updated_by: see `Versioned`.
    """

    __tablename__ = "orchestrator_mini_app"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    code: str = Field(max_length=64, unique=True)
    project_id: str = Field(max_length=32, index=True)
    flow_id: str = Field(max_length=32, index=True)
    common: bool = False
    name: str = Field(max_length=200)
    text: str = Field(max_length=2000)
    icon: str = Field(max_length=16)
    colour: str = Field(max_length=7)
    revision: int | None = None
    fixed: dict[str, Any] = Field(sa_type=JsonValue)
    leave_out: list[str] = Field(sa_type=JsonValue)
    schemes: list[str] = Field(default_factory=list, sa_type=JsonValue)
    open_to_all: bool
    enabled: bool
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    version: int = 1
    created_by: str = Field(max_length=128)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_by: str = Field(max_length=128)
    updated_at: datetime = Field(sa_type=UtcDateTime)
