from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import cached_property
from typing import TypeVar

from kernel.forms.data import DataValidator
from kernel.forms.secrets import secret_fields
from orchestrator.flow.constants import inputs_named_once
from orchestrator.flow.model import ActingNode, DecisionNode, Edge, Flow, Node, NodeKind, StepNode, SubflowNode
from orchestrator.flow.paths import scope_of, static

Value = TypeVar("Value")


class _ByPath(dict[str, Value]):
    """By the place in the definition; the path of a node in some item of a loop finds it too."""

    def __missing__(self, path: str) -> Value:
        place = static(path)
        if place == path:
            raise KeyError(path)
        return self[place]


class Graph:
    """A flow with its adjacency worked out once; immutable, shared by every task of the revision.

    The flows inside it stand beside its own nodes, under their paths. Edges whose ends are missing and repeated ids are
    left out: validation reports them, the engine never sees them.

    Attributes:
        nodes, outgoing, incoming: by path.
        onward: as ``outgoing``, without the edge that a step takes when it has failed.
        flows: by the path of the node they lie in; the task's own under the empty path.
        members: path of a flow → paths of its nodes.
    """

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.nodes: dict[str, Node] = _ByPath()
        self.outgoing: dict[str, tuple[Edge, ...]] = _ByPath()
        self.incoming: dict[str, tuple[Edge, ...]] = _ByPath()
        self.onward: dict[str, tuple[Edge, ...]] = _ByPath()
        self.flows: dict[str, Flow] = _ByPath()
        self.members: dict[str, tuple[str, ...]] = _ByPath()
        self._validators: dict[str, DataValidator] = {}
        for path, part in _parts(flow):
            self._add(path, part)

    def _add(self, path: str, part: Flow) -> None:
        prefix = f"{path}." if path else ""
        names = [prefix + node.id for node in part.nodes]
        self.flows[path] = part
        self.members[path] = tuple(dict.fromkeys(names))
        self.nodes.update(zip(names, part.nodes, strict=True))
        out: dict[str, list[Edge]] = {name: [] for name in names}
        into: dict[str, list[Edge]] = {name: [] for name in names}
        for drawn in part.edges:
            edge = drawn if not prefix else _inside(drawn, prefix)
            if edge.source in out and edge.target in into:
                out[edge.source].append(edge)
                into[edge.target].append(edge)
        self.outgoing.update((name, tuple(edges)) for name, edges in out.items())
        self.incoming.update((name, tuple(edges)) for name, edges in into.items())
        failures = {edge.source for edge in part.edges if edge.failure}
        for name, node in zip(names, part.nodes, strict=True):
            edges = self.outgoing[name]
            self.onward[name] = tuple(edge for edge in edges if not edge.failure) if node.id in failures else edges

    def find(self, path: str) -> Node | None:
        """The node of a path, or none."""
        try:
            return self.nodes[path]
        except KeyError:
            return None

    def named(self, path: str, edges: Collection[str]) -> list[Edge]:
        """Those of the edges that leave a node whose ids, as they stand in its own flow, are among ``edges``."""
        scope = static(scope_of(path))
        prefix = f"{scope}." if scope else ""
        return [edge for edge in self.outgoing[path] if edge.id.removeprefix(prefix) in edges]

    def input_validator(self, path: str) -> DataValidator | None:
        """What the flow inside a node asks of its inputs, made ready once for all items; none when it takes none."""
        place = static(path)
        form = self.flows[place].form
        if form is not None and place not in self._validators:
            self._validators[place] = DataValidator(form["schema"])
        return self._validators.get(place)

    @cached_property
    def start(self) -> Node:
        """The start node of the task's own flow.

        Raises:
            ValueError: there is none.
        """
        return self.nodes[self.start_of("")]

    @cached_property
    def asks_secrets(self) -> bool:
        """Whether a form of the flow, or of one inside, has a field for a secret."""
        forms = [flow.form for flow in self.flows.values()]
        forms += [node.form for node in self.nodes.values() if isinstance(node, DecisionNode)]
        return any(form is not None and secret_fields(form["schema"]) for form in forms)

    @cached_property
    def has_constants(self) -> bool:
        """Whether the flow, or one inside, has named values."""
        return any(flow.constants for flow in self.flows.values())

    @cached_property
    def inputs_named_once(self) -> frozenset[str]:
        """See `orchestrator.flow.constants`; of the task's own flow."""
        return inputs_named_once(self.flow)

    @cached_property
    def names_executors(self) -> bool:
        """Whether anything says that some calls are made in another name than that of who launched the task."""
        named = any(isinstance(node, ActingNode) and node.executor for node in self.nodes.values())
        return named or bool(self.flow.project_executor) or any(flow.executor for flow in self.flows.values())

    @cached_property
    def locked(self) -> frozenset[str]:
        """Paths of the nodes that wait for a lock before they begin."""
        return frozenset(
            name for name, node in self.nodes.items() if isinstance(node, StepNode) and node.lock is not None
        )

    def start_of(self, path: str) -> str:
        """Path of the start node of the flow inside a node; the empty path is the task's own.

        Raises:
            ValueError: there is none.
        """
        prefix = f"{path}." if path else ""
        for node in self.flows[path].nodes:
            if node.kind is NodeKind.START:
                return prefix + node.id
        raise ValueError(f"the flow {path!r} has no start node")

    @cached_property
    def positions(self) -> dict[str, int]:
        """Path of a node → its bit in the sets of ``reach``, which are those of its own flow."""
        return _ByPath(
            {name: position for names in self.members.values() for position, name in enumerate(names)},
        )

    @cached_property
    def reach(self) -> dict[str, int]:
        """Path of a node → the nodes of its flow it can lead to, itself among them, as a set of bits."""
        reached: dict[str, int] = _ByPath({name: 1 << position for name, position in self.positions.items()})
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
        """Whether a way over one edge at least leads from one node to the other, of the same flow."""
        return any(self.reach[edge.target] >> self.positions[other] & 1 for edge in self.outgoing[name])

    @cached_property
    def back(self) -> frozenset[str]:
        """Ids of the edges that lead back: to a node that the way from the start to them has passed."""
        return self._walked[0]

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Paths of nodes so that every edge leads onwards, but for those that lead back."""
        return self._walked[1]

    @cached_property
    def _walked(self) -> tuple[frozenset[str], tuple[str, ...]]:
        """Depth first from every node that nothing leads to, then from what is left: (edges back, order)."""
        back: set[str] = set()
        finished: list[str] = []
        over: set[str] = set()
        under_way: set[str] = set()
        begun = [name for name, edges in self.incoming.items() if not edges]
        for root in (*begun, *self.nodes):
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


def _parts(flow: Flow) -> Iterator[tuple[str, Flow]]:
    """The flow and every flow inside it, with the path of the node it lies in."""
    pending = [("", flow)]
    while pending:
        path, part = pending.pop()
        yield path, part
        pending += [
            (f"{path}.{node.id}" if path else node.id, flow.subflows[node.key])
            for node in part.nodes
            if isinstance(node, SubflowNode) and node.key in flow.subflows
        ]


def _inside(edge: Edge, prefix: str) -> Edge:
    return replace(edge, id=prefix + edge.id, source=prefix + edge.source, target=prefix + edge.target)
