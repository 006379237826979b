"""Rules on ids, ends of edges, degrees, reachability and cycles."""

import re
from collections import Counter
from collections.abc import Iterator

from orchestrator.flow.graph import Graph
from orchestrator.flow.model import Flow, NodeKind
from orchestrator.flow.problems import Problem

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
            yield Problem(
                "node_id",
                f"the id {node.id!r} cannot be used in expressions",
                "letters, digits, '_' and '-', at most 64, beginning with a letter or '_'",
                node_id=node.id,
                field="id",
            )
    for name, count in Counter(node.id for node in flow.nodes).items():
        if count > 1:
            yield Problem("unique_id", f"{count} nodes have the id {name!r}", "give each its own", name, field="id")
    for name, count in Counter(edge.id for edge in flow.edges).items():
        if count > 1:
            problem = f"{count} edges have the id {name!r}"
            yield Problem("unique_id", problem, "give each its own", edge_id=name, field="id")
    known = {node.id for node in flow.nodes}
    for edge in flow.edges:
        for field, end in (("source", edge.source), ("target", edge.target)):
            if end not in known:
                problem = f"there is no node {end!r}"
                yield Problem("edge_end", problem, "connect it to a node or remove it", edge_id=edge.id, field=field)


def check_start(graph: Graph) -> Iterator[Problem]:
    """Exactly one start node, at least one end node."""
    starts = [node.id for node in graph.flow.nodes if node.kind is NodeKind.START]
    if not starts:
        yield Problem("one_start", "the flow has no start node", "add one", field="nodes")
    for name in starts[1:]:
        yield Problem("one_start", "the flow has a second start node", "remove it", name)
    if not any(node.kind is NodeKind.END for node in graph.flow.nodes):
        yield Problem("an_end", "the flow has no end node", "add one", field="nodes")


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
    needed = "none" if most == 0 else f"exactly {least}" if least == most else f"at least {least}, at most {most}"
    remedy = "add an edge" if count < least else "remove edges"
    if side == "outgoing" and count > most == 1:
        remedy = "use a parallel or exclusive node to go several ways"
    yield Problem("degree", f"{kind.value} has {count} {side} edges, needs {needed}", remedy, name, field=side)


def check_loops(graph: Graph) -> Iterator[Problem]:
    """An edge may lead back to any node but a join, which waits for branches; only such an edge has a limit."""
    for edge in graph.flow.edges:
        if edge.id not in graph.back:
            if edge.limit is not None:
                problem = "a limit means nothing on an edge that does not lead back"
                yield Problem("loop_limit", problem, "remove it", edge.source, edge.id, "limit")
        elif graph.nodes[edge.target].kind is NodeKind.JOIN:
            problem = f"leads back to the join {edge.target!r}, which waits for the branches of a parallel node"
            yield Problem(
                "loop_target", problem, "lead it to a node before the branches", edge.source, edge.id, "target"
            )


def check_reachability(graph: Graph) -> Iterator[Problem]:
    """Every node can be reached from the start, and leads to an end."""
    starts = [name for name, node in graph.nodes.items() if node.kind is NodeKind.START]
    if len(starts) != 1:
        return
    reachable = graph.reach[starts[0]]
    ends = sum(1 << graph.positions[name] for name, node in graph.nodes.items() if node.kind is NodeKind.END)
    for name, position in graph.positions.items():
        if not reachable >> position & 1:
            yield Problem("reachable", "cannot be reached from the start", "connect it or remove it", name)
        elif not graph.reach[name] & ends:
            yield Problem("leads_to_end", "does not lead to an end", "connect it onwards to an end node", name)
