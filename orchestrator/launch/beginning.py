"""A task that begins at a node, with what an earlier one had come to before it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from kernel.errors import FieldProblem
from orchestrator.engine.states import NodeState
from orchestrator.flow.branches import branches_of
from orchestrator.flow.document import read_flow, write_beginning
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import Beginning, Kept, Node, SubflowNode
from orchestrator.flow.needs import needed_nodes
from orchestrator.flow.paths import ancestors, local, scope_of
from orchestrator.launch.errors import NodesRefused
from orchestrator.launch.other_branches import OtherBranch, other_branches
from orchestrator.launch.placing import misplaced
from orchestrator.launch.requests import Continuation

_Inputs = Mapping[str, Any]
_INTO_OUTPUTS = 4
"""Parts of ``nodes.<id>.outputs.<name>``: of a node that was passed over without outputs the state is seen alone."""


def beginning_at(definition: Mapping[str, Any], continues: Continuation) -> dict[str, Any]:
    """The definition as a task runs it that goes on from an earlier one.

    Of each flow that the node lies in it keeps what leads there, and what lies in the branches beside it, which must
    have come to their join.

    Raises:
        NodesRefused: no task can begin there, or what runs from there on needs what nothing gives.
    """
    graph, node = Graph(read_flow(definition)), continues.node
    _refuse([problem for problem in [misplaced(graph, node, continues.entered)] if problem is not None])
    entered = {name: _still_asked(graph, name, continues.entered[name]) for name in reversed([*ancestors(node)])}
    kept: dict[str, Kept] = {}
    for place in (*entered, node):
        kept |= _kept_around(graph, place, continues.earlier, entered.get(place, {}))
    return {**definition, "begin": write_beginning(Beginning(node, kept, entered))}


def _refuse(problems: Sequence[FieldProblem]) -> None:
    if problems:
        raise NodesRefused("; ".join(problem.problem for problem in problems[:5]), fields=problems)


def _still_asked(graph: Graph, subflow: str, inputs: _Inputs) -> _Inputs:
    """Of the inputs a flow had those that it, or the node that runs it, names now."""
    node, form = graph.nodes[subflow], graph.flows[subflow].form
    named = set(node.inputs) if isinstance(node, SubflowNode) else set()
    named |= form["schema"].get("properties", {}).keys() if form is not None else set()
    return {name: value for name, value in inputs.items() if name in named}


def _kept_around(graph: Graph, place: str, earlier: Mapping[str, Kept], given: _Inputs) -> dict[str, Kept]:
    """What of one flow is kept for a task that begins at one of its nodes, or inside it.

    Args:
        given: the inputs of the flow inside, where the task begins there.

    Raises:
        NodesRefused: as `beginning_at`.
    """
    _refuse(list(_not_passed(graph, place, earlier))[:1])
    beside = list(other_branches(graph, place, earlier))
    _refuse(list(_stopped(graph, place, beside))[:1])
    past = frozenset[str]().union(*(branch.nodes for branch in beside))
    members = frozenset(graph.members[scope_of(place)]) - {place}
    kept = {
        name: each
        for name, each in earlier.items()
        if name in members and (name in past or _stays(graph, place, name, each))
    }
    _refuse(list(_missed(graph, place, kept, given)))
    return kept


def _not_passed(graph: Graph, node: str, earlier: Mapping[str, Kept]) -> Iterator[FieldProblem]:
    """Forks in whose branches the node lies, and that the earlier task had not come to."""
    label = graph.nodes[node].label
    for branch in branches_of(graph, scope_of(node)).get(node, ()):
        if branch.source not in earlier:
            fork = graph.nodes[branch.source].label
            problem = f"{label} lies in a branch of {fork}, which the earlier task had not come to"
            yield FieldProblem("/node", problem, f"Begin at {fork} or before it")


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


def _missed(graph: Graph, place: str, kept: Mapping[str, Kept], given: _Inputs) -> Iterator[FieldProblem]:
    """What may still run and needs nodes which neither may nor are seen by what was kept of them. A flow's outputs are
    not among it: one without a value is none, and the task goes on.
    """
    scope = scope_of(place)
    running = {place, *(name for name in graph.members[scope] if graph.leads_to(place, name))}
    giving = {local(name) for name in running} | {
        local(name) for name, each in kept.items() if each.outputs is not None
    }
    passed_over = {local(name) for name, each in kept.items() if each.state == NodeState.IGNORED}
    for name in sorted(running):
        node = _to_be_run(graph, name, given if name == place else {})
        for path in needed_nodes(node, graph.outgoing[name], graph.flows[scope].constants):
            if path[1] not in giving and not (path[1] in passed_over and len(path) < _INTO_OUTPUTS):
                problem = f"{graph.nodes[name].label} needs what {path[1]} gives, and it has given nothing"
                yield FieldProblem("/node", problem, f"Begin at {path[1]} or before it")


def _to_be_run(graph: Graph, name: str, given: _Inputs) -> Node:
    """The node without the inputs that a subflow has already; where a loop leads to it again it works them out anew."""
    node = graph.nodes[name]
    if not given or not isinstance(node, SubflowNode) or graph.in_loop(name):
        return node
    return replace(node, inputs={each: value for each, value in node.inputs.items() if each not in given})
