from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import JsonValue, UtcDateTime
from kernel.ids import new_id


class McpServer(SQLModel, table=True):
    """A set of a stage's components that shall be offered as tools, as a definition file asks for it.

    Attributes:
        settings: the rest of what the file says about it.
    """

    __tablename__ = "gateway_mcp_server"
    __table_args__ = (UniqueConstraint("system", "stage", "name"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    system: str = Field(max_length=32)
    stage: str = Field(max_length=20)
    name: str = Field(max_length=64)
    components: list[str] = Field(sa_type=JsonValue)
    settings: dict[str, Any] = Field(sa_type=JsonValue)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
