"""Whether a flow has a node at a path at which a task can begin, with what the one before it left around that."""

from collections.abc import Collection

from kernel.errors import FieldProblem
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import MapNode, NodeKind
from orchestrator.flow.paths import ancestors, local, scope_of

_ENDS = frozenset({NodeKind.START, NodeKind.END})


def misplaced(graph: Graph, node: str, entered: Collection[str]) -> FieldProblem | None:
    """What keeps a task from beginning there, if anything does.

    Args:
        entered: paths of the subflows around the node whose flows had begun in the earlier task.
    """
    for outer in reversed([*ancestors(node)]):
        problem = _missing(graph, outer) or _closed(graph, outer, node, entered)
        if problem is not None:
            return problem
    return _missing(graph, node) or _at_an_end(graph, node)


def _missing(graph: Graph, path: str) -> FieldProblem | None:
    if graph.find(path) is not None:
        return None
    scope = scope_of(path)
    if not scope:
        return FieldProblem(
            "/node", f"the flow has no node {path!r}", "Name one of its nodes, inside a subflow by the path"
        )
    holder = graph.nodes[scope].label
    return FieldProblem(
        "/node", f"{holder} has no node {local(path)!r} inside", f"Name one inside, or begin at {holder}"
    )


def _closed(graph: Graph, outer: str, node: str, entered: Collection[str]) -> FieldProblem | None:
    """A container that no task can begin in."""
    around, found = graph.nodes[outer], graph.find(node)
    label = local(node) if found is None else found.label
    if isinstance(around, MapNode):
        problem = f"{label} lies in the loop {around.label}, and no task begins in one of its items"
        return FieldProblem("/node", problem, f"Begin at {around.label}: all of its items run again")
    if outer in graph.flow.left_out:
        problem = f"{label} lies in {around.label}, which the task does without"
        return FieldProblem("/node", problem, f"Leave {around.label} in, or begin behind it")
    if found is not None and outer not in entered:
        problem = f"{label} lies in {around.label}, which the earlier task had not come to"
        return FieldProblem("/node", problem, f"Begin at {around.label} or before it")
    return None


def _at_an_end(graph: Graph, node: str) -> FieldProblem | None:
    found, scope = graph.nodes[node], scope_of(node)
    if found.kind not in _ENDS:
        return None
    if not scope:
        return FieldProblem("/node", f"{found.label} is the flow's {found.kind.value}", "Launch the flow anew")
    holder = graph.nodes[scope].label
    remedy = f"Begin at {holder}" if found.kind is NodeKind.START else f"Begin at a node before it, or behind {holder}"
    return FieldProblem("/node", f"{found.label} is the {found.kind.value} of {holder}", remedy)
