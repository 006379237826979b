"""A task that begins at a node, with what an earlier one had come to before it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kernel.errors import FieldProblem
from kernel.expressions.interpolation import references
from orchestrator.engine.states import NodeState
from orchestrator.flow.branches import branches_of
from orchestrator.flow.constants import named_through
from orchestrator.flow.document import read_flow, write_beginning
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import Beginning, Kept, NodeKind
from orchestrator.flow.texts import templates
from orchestrator.launch.errors import NodesRefused
from orchestrator.launch.other_branches import OtherBranch, other_branches

_ENDS = frozenset({NodeKind.START, NodeKind.END})


def beginning_at(definition: Mapping[str, Any], node: str, earlier: Mapping[str, Kept]) -> dict[str, Any]:
    """The definition as a task runs it that begins at ``node``.

    Args:
        earlier: node id → what it came to; of these the ones that lead to ``node`` are kept, and those in the branches
            beside it, which must have come to their join.

    Raises:
        NodesRefused: no task can begin there, or what runs from there on needs what nothing gives.
    """
    graph = Graph(read_flow(definition))
    problem = _problem(graph, node, earlier)
    beside = list(other_branches(graph, node, earlier)) if problem is None else []
    problem = problem or next(_stopped(graph, node, beside), None)
    if problem is not None:
        raise NodesRefused(problem.problem, fields=[problem])
    past = frozenset[str]().union(*(branch.nodes for branch in beside))
    kept = {
        name: each
        for name, each in earlier.items()
        if name in graph.members[""] and name != node and (name in past or _stays(graph, node, name, each))
    }
    missed = list(_missed(graph, node, kept))
    if missed:
        raise NodesRefused("; ".join(problem.problem for problem in missed[:5]), fields=missed)
    return {**definition, "begin": write_beginning(Beginning(node, kept))}


def _problem(graph: Graph, node: str, earlier: Mapping[str, Kept]) -> FieldProblem | None:
    if node not in graph.members[""]:
        return FieldProblem("/node", f"the flow has no node {node!r}", "Name a node of the flow itself")
    found = graph.nodes[node]
    if found.kind in _ENDS:
        return FieldProblem("/node", f"{found.label} is the flow's {found.kind.value}", "Launch the flow anew")
    for branch in branches_of(graph).get(node, ()):
        if branch.source not in earlier:
            fork = graph.nodes[branch.source].label
            problem = f"{found.label} lies in a branch of {fork}, which the earlier task had not come to"
            return FieldProblem("/node", problem, f"Begin at {fork} or before it")
    return None


def _stays(graph: Graph, node: str, name: str, kept: Kept) -> bool:
    """Whether what a node came to is seen in a task that begins at ``node``, which may have passed it by."""
    passed_by = kept.state == NodeState.NOT_TAKEN and not graph.leads_to(node, name)
    return passed_by or graph.leads_to(name, node)


def _stopped(graph: Graph, node: str, beside: Iterable[OtherBranch]) -> Iterator[FieldProblem]:
    """Branches that would have to go on beside the one that the task is to begin in."""
    label = graph.nodes[node].label
    for branch in beside:
        fork = graph.nodes[branch.fork].label
        if branch.stopped_at is not None:
            stopped = graph.nodes[branch.stopped_at].label
            problem = f"{label} lies in a branch of {fork}, and another one had not got beyond {stopped}"
            yield FieldProblem("/node", problem, f"Begin at {fork}, or behind its join")


def _missed(graph: Graph, node: str, kept: Mapping[str, Kept]) -> Iterator[FieldProblem]:
    """Templates of what may still run that refer to nodes which neither may nor were kept with outputs."""
    running = {node, *(name for name in graph.members[""] if graph.leads_to(node, name))}
    given = running | {name for name, each in kept.items() if each.outputs is not None}
    for name in sorted(running):
        texts = [text for _, text in templates(graph.nodes[name])]
        named = named_through((path for text in texts for path in references(text)), graph.flow.constants)
        for path in sorted(named, key=str):
            if len(path) > 1 and path[0] == "nodes" and path[1] not in given:
                problem = f"{graph.nodes[name].label} needs what {path[1]} gives, and it has given nothing"
                yield FieldProblem("/node", problem, f"Begin at {path[1]} or before it")
