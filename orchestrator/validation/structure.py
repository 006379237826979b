"""Rules on ids, ends of edges, degrees, reachability and cycles."""

import re
from collections import Counter
from collections.abc import Iterator

from kernel.wording import Wording
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import Flow, NodeKind
from orchestrator.flow.problems import Problem
from orchestrator.validation.wordings import (
    BACK_TO_JOIN,
    FEW_EDGES,
    LEADS_NOWHERE,
    LIMIT_FORWARD,
    MANY_EDGES,
    NO_EDGES,
    NO_END,
    NO_END_OF_EDGE,
    NO_START,
    NODE_ID,
    ONE_EDGE,
    ONE_WAY,
    SAME_EDGE_ID,
    SAME_NODE_ID,
    SECOND_START,
    UNREACHABLE,
)

_NODE_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
MAX_DEGREE = 1_000
_MANY = MAX_DEGREE

_DEGREES: dict[NodeKind, tuple[tuple[int, int], tuple[int, int]]] = {
    NodeKind.START: ((0, 0), (1, 1)),
    NodeKind.END: ((1, _MANY), (0, 0)),
    NodeKind.PLUGIN: ((1, _MANY), (1, 1)),
    NodeKind.EXCLUSIVE: ((1, _MANY), (1, _MANY)),
    NodeKind.PARALLEL: ((1, _MANY), (1, _MANY)),
    NodeKind.INCLUSIVE: ((1, _MANY), (1, _MANY)),
    NodeKind.JOIN: ((1, _MANY), (1, 1)),
    NodeKind.TIMER: ((1, _MANY), (1, 1)),
    NodeKind.WAIT: ((1, _MANY), (1, 1)),
    NodeKind.CONFIRM: ((1, _MANY), (1, 1)),
    NodeKind.APPROVAL: ((1, _MANY), (1, 1)),
    NodeKind.NOTIFY: ((1, _MANY), (1, 1)),
    NodeKind.EXPRESSION: ((1, _MANY), (1, 1)),
    NodeKind.SUBFLOW: ((1, _MANY), (1, 1)),
    NodeKind.MAP: ((1, _MANY), (1, 1)),
}
"""Kind → (least, most) incoming, (least, most) outgoing edges, without the one for failures."""


def check_ids(flow: Flow) -> Iterator[Problem]:
    """Ids are readable in references and unique; both ends of an edge exist."""
    for node in flow.nodes:
        if not _NODE_ID.fullmatch(node.id):
            yield Problem.of("node_id", NODE_ID.at("id", id=node.id), node.id)
    for name, count in Counter(node.id for node in flow.nodes).items():
        if count > 1:
            yield Problem.of("unique_id", SAME_NODE_ID.at("id", count=count, id=name), name)
    for name, count in Counter(edge.id for edge in flow.edges).items():
        if count > 1:
            yield Problem.of("unique_id", SAME_EDGE_ID.at("id", count=count, id=name), edge_id=name)
    known = {node.id for node in flow.nodes}
    for edge in flow.edges:
        for field, end in (("source", edge.source), ("target", edge.target)):
            if end not in known:
                yield Problem.of("edge_end", NO_END_OF_EDGE.at(field, node=end), edge_id=edge.id)


def check_start(graph: Graph) -> Iterator[Problem]:
    """Exactly one start node, at least one end node."""
    starts = [node.id for node in graph.flow.nodes if node.kind is NodeKind.START]
    if not starts:
        yield Problem.of("one_start", NO_START.at("nodes"))
    for name in starts[1:]:
        yield Problem.of("one_start", SECOND_START.at(""), name)
    if not any(node.kind is NodeKind.END for node in graph.flow.nodes):
        yield Problem.of("an_end", NO_END.at("nodes"))


def check_degrees(graph: Graph) -> Iterator[Problem]:
    """Each kind's number of incoming and outgoing edges."""
    for name, node in graph.nodes.items():
        incoming, outgoing = _DEGREES[node.kind]
        yield from _check_degree(name, node.kind, "incoming", len(graph.incoming[name]), incoming)
        yield from _check_degree(name, node.kind, "outgoing", len(graph.onward[name]), outgoing)


def _check_degree(name: str, kind: NodeKind, side: str, count: int, bounds: tuple[int, int]) -> Iterator[Problem]:
    least, most = bounds
    if least <= count <= most:
        return
    wording = _degree_wording(count, least, most)
    said = wording.at(side, kind=kind.value, count=count, side=side, least=least, most=most)
    yield Problem.of("degree", said, name)


def _degree_wording(count: int, least: int, most: int) -> Wording:
    """No kind of node takes exactly one edge that comes in."""
    if most == 0:
        return NO_EDGES
    if least == most:
        return ONE_EDGE if count < least else ONE_WAY
    return FEW_EDGES if count < least else MANY_EDGES


def check_loops(graph: Graph) -> Iterator[Problem]:
    """An edge may lead back to any node but a join, which waits for branches; only such an edge has a limit."""
    for edge in graph.flow.edges:
        if edge.id not in graph.back:
            if edge.limit is not None:
                yield Problem.of("loop_limit", LIMIT_FORWARD.at("limit"), edge.source, edge.id)
        elif graph.nodes[edge.target].kind is NodeKind.JOIN:
            yield Problem.of("loop_target", BACK_TO_JOIN.at("target", join=edge.target), edge.source, edge.id)


def check_reachability(graph: Graph) -> Iterator[Problem]:
    """Every node can be reached from the start, and leads to an end."""
    starts = [name for name, node in graph.nodes.items() if node.kind is NodeKind.START]
    if len(starts) != 1:
        return
    reachable = graph.reach[starts[0]]
    ends = sum(1 << graph.positions[name] for name, node in graph.nodes.items() if node.kind is NodeKind.END)
    for name, position in graph.positions.items():
        if not reachable >> position & 1:
            yield Problem.of("reachable", UNREACHABLE.at(""), name)
        elif not graph.reach[name] & ends:
            yield Problem.of("leads_to_end", LEADS_NOWHERE.at(""), name)
