"""A flow as it is drawn: nodes by kind, edges between them; plain frozen values, readable and writable as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class NodeKind(StrEnum):
    START = "start"
    END = "end"
    PLUGIN = "plugin"
    EXCLUSIVE = "exclusive"
    PARALLEL = "parallel"
    JOIN = "join"


@dataclass(frozen=True, slots=True)
class Node:
    """A node that carries no settings of its own: start, end, exclusive, parallel, join."""

    id: str
    kind: NodeKind
    name: str = ""

    @property
    def label(self) -> str:
        """What a person calls it."""
        return self.name or self.id


@dataclass(frozen=True, slots=True)
class PluginNode(Node):
    """Runs one version of a plugin; texts inside ``inputs`` may hold ``${…}``, resolved just before it runs."""

    plugin: str = ""
    version: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    retryable: bool = True
    skippable: bool = True


@dataclass(frozen=True, slots=True)
class Edge:
    """``condition`` (CEL) and ``default`` have a meaning on the edges that leave an exclusive node only."""

    id: str
    source: str
    target: str
    condition: str | None = None
    default: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """One definition.

    Attributes:
        form: the form of the flow's inputs (``schema``, ``uischema``, ``i18n``), or none when it asks for nothing.
        outputs: named templates, resolved when the task has finished.
        layout: node id → position on the canvas; the engine never looks at it.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    form: Mapping[str, Any] | None = None
    outputs: Mapping[str, Any] = field(default_factory=dict)
    layout: Mapping[str, Any] = field(default_factory=dict)
