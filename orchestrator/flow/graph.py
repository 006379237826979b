from functools import cached_property

from orchestrator.flow.model import Edge, Flow, Node, NodeKind


class Graph:
    """A flow with its adjacency worked out once; immutable, shared by every task of the revision.

    Edges whose ends are missing and repeated ids are left out: validation reports them, the engine never sees them.

    Attributes:
        onward: as ``outgoing``, without the edge that a step takes when it has failed.
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
        self.onward: dict[str, tuple[Edge, ...]] = {
            name: tuple(edge for edge in edges if not edge.failure) for name, edges in out.items()
        }

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
        """Node id → the nodes it can lead to, itself among them, as a set of bits; right with loops too."""
        reached = {name: 1 << position for name, position in self.positions.items()}
        changed = True
        while changed:
            changed = False
            for name in reversed(self.order):
                together = reached[name]
                for edge in self.outgoing[name]:
                    together |= reached[edge.target]
                if together != reached[name]:
                    reached[name] = together
                    changed = bool(self.back)
        return reached

    def in_loop(self, name: str) -> bool:
        """Whether a way from the node leads to it again."""
        return self.leads_to(name, name)

    def leads_to(self, name: str, other: str) -> bool:
        """Whether a way over one edge at least leads from one node to the other."""
        return any(self.reach[edge.target] >> self.positions[other] & 1 for edge in self.outgoing[name])

    @cached_property
    def back(self) -> frozenset[str]:
        """Ids of the edges that lead back: to a node that the way from the start to them has passed."""
        return self._walked[0]

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Node ids so that every edge leads onwards, but for those that lead back."""
        return self._walked[1]

    @cached_property
    def _walked(self) -> tuple[frozenset[str], tuple[str, ...]]:
        """Depth first from every node that nothing leads to, then from what is left: (edges back, order)."""
        back: set[str] = set()
        finished: list[str] = []
        over: set[str] = set()
        under_way: set[str] = set()
        roots = sorted(self.nodes, key=lambda name: bool(self.incoming[name]))
        for root in roots:
            if root in over:
                continue
            under_way.add(root)
            path = [(root, iter(self.outgoing[root]))]
            while path:
                name, edges = path[-1]
                for edge in edges:
                    if edge.target in under_way:
                        back.add(edge.id)
                    elif edge.target not in over:
                        under_way.add(edge.target)
                        path.append((edge.target, iter(self.outgoing[edge.target])))
                        break
                else:
                    path.pop()
                    under_way.discard(name)
                    over.add(name)
                    finished.append(name)
        return frozenset(back), tuple(reversed(finished))
