from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from gateway.mcp.tools.tool import ToolChoice, ToolKind
from kernel.clock import utc_now
from kernel.db.types import JsonValue, UtcDateTime
from kernel.ids import new_id


class McpServer(SQLModel, table=True):
    """A set of tools under one address, owned by a system or by a project.

    Attributes:
        stage: that its components are called on.
        tools: `{"kind", "target", "name"}` each, in the order in which they are listed.
        raw_response: at BlueKing's addresses a result is the answer alone.
    """

    __tablename__ = "gateway_mcp_server"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    name: str = Field(max_length=128, unique=True)
    title: str = Field(default="", max_length=200)
    description: str = Field(default="", max_length=4000)
    system: str | None = Field(default=None, max_length=32, index=True)
    project_id: str | None = Field(default=None, max_length=32, index=True)
    stage: str = Field(max_length=20)
    enabled: bool = True
    raw_response: bool = False
    tools: list[dict[str, Any]] = Field(sa_type=JsonValue)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    updated_by: str = Field(max_length=128)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)

    @property
    def choices(self) -> list[ToolChoice]:
        return [ToolChoice(ToolKind(each["kind"]), each["target"], each["name"]) for each in self.tools]
