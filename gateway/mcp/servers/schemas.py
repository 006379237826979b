from typing import Annotated, Any

from fastapi import Path
from pydantic import Field, StringConstraints

from gateway.fields import Input, Line, StageName, SystemName, Text, Time, View
from gateway.mcp.tools.tool import ToolKind

SERVER_NAME = r"^[a-z][A-Za-z0-9_-]{1,127}$"
TOOL_NAME = r"^[A-Za-z][A-Za-z0-9_.-]{0,127}$"
MAX_TOOLS = 500

ServerName = Annotated[str, StringConstraints(pattern=SERVER_NAME)]
ServerPath = Annotated[str, Path(pattern=SERVER_NAME)]
ToolName = Annotated[str, StringConstraints(pattern=TOOL_NAME)]
Target = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=200)]


class McpToolInput(Input):
    """Attributes:
    target: `system.component`, a plugin's code, or a flow's id.
    name: of the tool; left out, it is made from the target.
    """

    kind: ToolKind
    target: Target
    name: ToolName | None = None


Tools = Annotated[list[McpToolInput], Field(max_length=MAX_TOOLS)]


class NewMcpServerInput(Input):
    """Attributes:
    system: that owns it; its tools are then components of this system.
    project: that owns it, by id or code; its tools are components of any system, plugins and flows of the project.
    """

    name: ServerName
    title: Line = ""
    description: Text = ""
    system: SystemName | None = None
    project: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{1,31}$")] | None = None
    stage: StageName = "prod"
    enabled: bool = True
    raw_response: bool = False
    tools: Tools = Field(default_factory=list)


class McpServerChange(Input):
    """What is left out stays; `tools` replaces all of them."""

    title: Line | None = None
    description: Text | None = None
    stage: StageName | None = None
    enabled: bool | None = None
    raw_response: bool | None = None
    tools: Tools | None = None


class McpToolChoiceView(View):
    kind: ToolKind
    target: str
    name: str


class McpServerView(View):
    """`url` is its address, `blueking_url` the one in BlueKing's shape for a system's server."""

    name: str
    title: str
    description: str
    system: str | None
    project_id: str | None
    stage: str
    enabled: bool
    raw_response: bool
    tools: list[McpToolChoiceView]
    url: str
    blueking_url: str | None
    updated_by: str
    updated_at: Time


class McpToolView(View):
    """As clients list it; `problem` says why one isn't offered."""

    name: str
    title: str
    description: str
    input_schema: dict[str, Any] | None
    output_schema: dict[str, Any] | None
    scopes: list[str]
    problem: str | None
