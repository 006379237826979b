from functools import cached_property

from orchestrator.flow.model import Edge, Flow, Node, NodeKind


class Graph:
    """A flow with its adjacency worked out once; immutable, shared by every task of the revision.

    Edges whose ends are missing and repeated ids are left out: validation reports them, the engine never sees them.
    """

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.nodes: dict[str, Node] = {node.id: node for node in flow.nodes}
        self.outgoing: dict[str, tuple[Edge, ...]] = {}
        self.incoming: dict[str, tuple[Edge, ...]] = {}
        out: dict[str, list[Edge]] = {name: [] for name in self.nodes}
        into: dict[str, list[Edge]] = {name: [] for name in self.nodes}
        for edge in flow.edges:
            if edge.source in out and edge.target in into:
                out[edge.source].append(edge)
                into[edge.target].append(edge)
        self.outgoing = {name: tuple(edges) for name, edges in out.items()}
        self.incoming = {name: tuple(edges) for name, edges in into.items()}

    @cached_property
    def start(self) -> Node:
        """The start node.

        Raises:
            ValueError: there is none.
        """
        for node in self.flow.nodes:
            if node.kind is NodeKind.START:
                return node
        raise ValueError("the flow has no start node")

    @cached_property
    def positions(self) -> dict[str, int]:
        """Node id → its bit in the sets of ``reach``."""
        return {name: position for position, name in enumerate(self.nodes)}

    @cached_property
    def reach(self) -> dict[str, int]:
        """Node id → the nodes it can lead to, itself among them, as a set of bits; right with cycles too."""
        reached = {name: 1 << position for name, position in self.positions.items()}
        if self.order is not None:
            for name in reversed(self.order):
                for edge in self.outgoing[name]:
                    reached[name] |= reached[edge.target]
            return reached
        pending = list(self.nodes)
        while pending:
            name = pending.pop()
            together = reached[name]
            for edge in self.outgoing[name]:
                together |= reached[edge.target]
            if together != reached[name]:
                reached[name] = together
                pending.extend(edge.source for edge in self.incoming[name])
        return reached

    @cached_property
    def order(self) -> tuple[str, ...] | None:
        """Node ids so that every edge leads onwards, or none when the flow has a cycle."""
        missing = {name: len(edges) for name, edges in self.incoming.items()}
        ready = [name for name, count in missing.items() if not count]
        order: list[str] = []
        while ready:
            name = ready.pop()
            order.append(name)
            for edge in self.outgoing[name]:
                missing[edge.target] -= 1
                if not missing[edge.target]:
                    ready.append(edge.target)
        return tuple(order) if len(order) == len(self.nodes) else None
