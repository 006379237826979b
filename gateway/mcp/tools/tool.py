"""A tool, as a server offers it: made from a component, a plugin or a flow."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gateway.mcp.tools.arguments import Arguments

LANGUAGES = ("en", "zh")

STATE, END = "task_state", "end_task"
"""Names of the tools that ask for a task and end it."""


class ToolKind(StrEnum):
    COMPONENT = "component"
    PLUGIN = "plugin"
    FLOW = "flow"


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """What a server shall offer.

    Attributes:
        target: `system.component`, a plugin's code, or a flow's id.
        name: of the tool; unique in its server.
    """

    kind: ToolKind
    target: str
    name: str


@dataclass(frozen=True, slots=True)
class Hints:
    """What a call does to the world, as far as is known (the specification's tool annotations)."""

    read_only: bool
    destructive: bool | None
    idempotent: bool


@dataclass(frozen=True, slots=True)
class Text:
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class ComponentCall:
    """Attributes:
    own_scope: `system.component`; it or all of `scopes` together admit a call.
    """

    system: str
    component: str
    stage: str
    method: str
    path: str
    own_scope: str
    scopes: frozenset[str]
    arguments: Arguments


@dataclass(frozen=True, slots=True)
class FlowLaunch:
    flow_id: str


@dataclass(frozen=True, slots=True)
class PluginRun:
    project_id: str
    code: str
    version: str


@dataclass(frozen=True, slots=True)
class TaskQuestion:
    """The companion of tools that start tasks: asks for a task's state, or ends it."""

    ends: bool


Action = ComponentCall | FlowLaunch | PluginRun | TaskQuestion


@dataclass(frozen=True, slots=True)
class Tool:
    """Attributes:
    texts: by language; `en` is always there.
    output_schema: of structured results; none where answers have no declared shape.
    """

    name: str
    texts: Mapping[str, Text]
    input_schema: Mapping[str, Any]
    output_schema: Mapping[str, Any] | None
    hints: Hints
    action: Action

    def text(self, language: str) -> Text:
        return self.texts.get(language) or self.texts["en"]


@dataclass(frozen=True, slots=True)
class ToolProblem:
    """Why a tool that was chosen is not offered."""

    name: str
    problem: str
