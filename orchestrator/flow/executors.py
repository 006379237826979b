"""In whose name the calls of a node are made. Pure.

The node says so, else the flow it stands in, else the node that runs this flow inside another one and the flow around
it, and so on outwards; then the project, and last who launched the task. What is named is a wish: whether it has effect
is for the named person's consent to say.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from orchestrator.flow.graph import Graph
from orchestrator.flow.model import ActingNode, SubflowNode
from orchestrator.flow.paths import scope_of, static


class Standing(NamedTuple):
    """The flow, and the revision of it, in whose definition a node stands; no revision, or 0, for a draft."""

    flow_id: str
    revision: int | None


def executor_of(graph: Graph, path: str, launcher: str) -> str:
    """User name of the person in whose name a node calls; ``launcher`` where nothing names anybody."""
    if not graph.names_executors:
        return launcher
    place = static(path)
    while True:
        node = graph.nodes[place]
        if isinstance(node, ActingNode) and node.executor:
            return node.executor
        scope = scope_of(place)
        executor = graph.flows[scope].executor
        if executor:
            return executor
        if not scope:
            return graph.flow.project_executor or launcher
        place = scope


class ConsentMissing(Exception):
    """A person has not consented to what is to be called in his name; the text says what lacks and what to do."""


def standing_inside(graph: Graph, path: str) -> Standing | None:
    """Where a node stands; none for one of the task's own flow."""
    scope = static(scope_of(path))
    if not scope:
        return None
    around = graph.nodes[scope]
    if not isinstance(around, SubflowNode):
        raise TypeError(f"{around.label} holds no flow")
    return Standing(around.flow, around.revision)


def acting_nodes(graph: Graph) -> Iterator[str]:
    """Paths of the nodes that call, at whatever depth."""
    return (
        path for path, node in graph.nodes.items() if isinstance(node, ActingNode) and not isinstance(node, SubflowNode)
    )


def names_in(definition: Mapping[str, Any]) -> frozenset[str]:
    """Everybody whom a definition, or a flow inside it, names."""
    parts = [definition, *definition.get("subflows", {}).values()]
    named = {part.get("executor") for part in parts} | {definition.get("project_executor")}
    named |= {node.get("executor") for part in parts for node in part["nodes"]}
    return frozenset(name for name in named if name)
