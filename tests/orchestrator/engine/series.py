"""Random series-parallel flows, and a reference interpreter that knows nothing of tokens."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from orchestrator.flow.document import read_flow
from orchestrator.flow.graph import Graph
from orchestrator.flow.paths import local


@dataclass
class Step:
    """A plugin node: the answers to its invocations, attempt by attempt.

    Attributes:
        retries: after how many failures it tries again by itself.
        ignored: whether the flow goes on when it has failed for good; otherwise somebody skips it or retries.
    """

    polls: int
    callbacks: int
    failures: int
    retries: int
    ignored: bool
    skipped: bool
    name: str = ""

    @property
    def end(self) -> str:
        """The state it comes to."""
        if self.failures <= self.retries:
            return "FINISHED"
        return "IGNORED" if self.ignored else "SKIPPED" if self.skipped else "FINISHED"

    @property
    def attempts(self) -> int:
        """How many it comes to when nobody makes one fail."""
        return {"IGNORED": self.retries + 1, "SKIPPED": self.failures}.get(self.end, self.failures + 1)

    @property
    def settings(self) -> dict[str, Any]:
        retry = {"retry": {"times": self.retries, "interval": 1}} if self.retries else {}
        return retry | ({"on_failure": "ignore"} if self.ignored else {})


@dataclass
class Series:
    parts: list[Any]


@dataclass
class Fork:
    """Every branch, or with ``taken`` those of an inclusive node; none of them takes the way past."""

    branches: list[Any]
    taken: frozenset[int] | None = None
    name: str = ""
    join: str = ""


@dataclass
class Choice:
    """``taken`` is the branch whose condition holds; past the end, the default edge is taken."""

    branches: list[Any]
    taken: int
    name: str = ""


@dataclass
class Loop:
    """``head`` and what follows it, as often as ``passes``."""

    body: Any
    passes: int
    head: str = ""
    tail: str = ""


@dataclass
class Inner:
    """A flow inside, once, or for each of ``items``."""

    body: Any
    items: int | None
    parallel: int = 1
    name: str = ""


steps = st.builds(
    Step,
    polls=st.integers(0, 2),
    callbacks=st.integers(0, 2),
    failures=st.sampled_from([0, 0, 0, 1, 2]),
    retries=st.sampled_from([0, 0, 1]),
    ignored=st.sampled_from([False, False, True]),
    skipped=st.booleans(),
)


def branchings(inner: st.SearchStrategy[Any]) -> list[st.SearchStrategy[Any]]:
    """What parts can be put together to, but for loops and flows inside."""
    parts = st.lists(inner, min_size=1, max_size=3)
    return [
        st.builds(Series, parts),
        st.builds(Fork, parts),
        st.builds(Fork, parts, st.frozensets(st.integers(0, 2))),
        st.builds(Choice, parts, st.integers(0, 3)),
    ]


structures = st.recursive(
    steps,
    lambda inner: st.one_of(
        *branchings(inner),
        st.builds(Loop, inner, st.integers(1, 3)),
        st.builds(Inner, inner, st.none() | st.integers(0, 3), st.integers(1, 2)),
    ),
    max_leaves=8,
)


@dataclass
class Drawing:
    """The structure as a flow; ``prefix`` is where it lies. ``steps`` and ``flows`` are of all that lies inside too."""

    prefix: str = ""
    nodes: list[dict[str, Any]] = field(default_factory=list)
    edges: list[dict[str, Any]] = field(default_factory=list)
    steps: dict[str, Step] = field(default_factory=dict)
    flows: dict[str, Any] = field(default_factory=dict)

    def node(self, kind: str, **more: object) -> str:
        name = f"{kind[0]}{len(self.nodes)}"
        self.nodes.append({"id": name, "kind": kind, **more})
        return name

    def edge(self, source: str, target: str, **more: object) -> None:
        self.edges.append({"id": f"e{len(self.edges)}", "source": source, "target": target, **more})

    def draw(self, part: Any, ends: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, dict[str, Any]]]:
        """Puts ``part`` behind the loose ``ends`` (node, edge settings) and gives its own loose ends."""
        match part:
            case Step():
                inputs = {"me": f"{len(self.nodes)}"}
                part.name = self.node("plugin", plugin="x", version="1", inputs=inputs, **part.settings)
                self.steps[self.prefix + part.name] = part
                self.connect(ends, part.name)
                return [(part.name, {})]
            case Series(parts):
                for inner in parts:
                    ends = self.draw(inner, ends)
                return ends
            case Fork():
                return self._fork(part, ends)
            case Choice(branches, taken):
                part.name = self.node("exclusive")
                self.connect(ends, part.name)
                loose = []
                for index, branch in enumerate(branches):
                    loose += self.draw(branch, [(part.name, {"condition": f"{taken} == {index}"})])
                return [*loose, (part.name, {"default": True})]
            case Loop(body, passes):
                part.head = self.node("expression", values={"x": "1"})
                self.connect(ends, part.head)
                loose = self.draw(body, [(part.head, {})])
                part.tail = self.node("exclusive")
                self.connect(loose, part.tail)
                self.edge(part.tail, part.head, condition=f"nodes.{part.head}.loop < {passes}")
                return [(part.tail, {"default": True})]
            case Inner():
                return self._inner(part, ends)
        raise AssertionError(part)

    def _fork(self, part: Fork, ends: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, dict[str, Any]]]:
        part.name = self.node("parallel" if part.taken is None else "inclusive")
        self.connect(ends, part.name)
        loose = []
        for index, branch in enumerate(part.branches):
            asks = {} if part.taken is None else {"condition": f"{index} in {sorted(part.taken)}"}
            loose += self.draw(branch, [(part.name, asks)])
        if part.taken is not None:
            loose.append((part.name, {"default": True}))
        part.join = self.node("join")
        self.connect(loose, part.join)
        return [(part.join, {})]

    def _inner(self, part: Inner, ends: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, dict[str, Any]]]:
        flow = f"f{self.prefix}{len(self.nodes)}"
        called: dict[str, Any] = {"flow": flow, "revision": 1}
        if part.items is None:
            part.name = self.node("subflow", **called)
        else:
            part.name = self.node("map", **called, items=list(range(part.items)), parallel=part.parallel)
        inner = Drawing(f"{self.prefix}{part.name}.")
        inner.whole(part.body)
        self.steps |= inner.steps
        self.flows |= inner.flows | {f"{flow}@1": {"nodes": inner.nodes, "edges": inner.edges}}
        self.connect(ends, part.name)
        return [(part.name, {})]

    def whole(self, part: Any) -> None:
        """``part`` between a start and an end."""
        ends = self.draw(part, [(self.node("start"), {})])
        self.connect(ends, self.node("end"))

    def connect(self, ends: list[tuple[str, dict[str, Any]]], target: str) -> None:
        for source, settings in ends:
            self.edge(source, target, **settings)


def draw(structure: Any) -> tuple[Graph, dict[str, Step]]:
    drawing = Drawing()
    drawing.whole(structure)
    document = {"nodes": drawing.nodes, "edges": drawing.edges, "subflows": drawing.flows}
    return Graph(read_flow(document)), drawing.steps


@dataclass
class Expected:
    """What must be seen in the end, whatever the order of events.

    Attributes:
        states: path of a node → final state.
        attempts: path → attempts of plugins that ran.
        before: pairs of nodes of which the first must be over before the second begins.
        flows: paths of the flows that ran, the task's own among them.
    """

    states: dict[str, str] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)
    before: set[tuple[str, str]] = field(default_factory=set)
    flows: list[str] = field(default_factory=lambda: [""])


def interpret(structure: Any, graph: Graph) -> Expected:
    """Walks the structure, not the graph."""
    expected = Expected()
    ran = list(_walk(structure, expected, [], ""))
    for flow in expected.flows:
        for name in graph.members[flow]:
            path = f"{flow}.{local(name)}" if flow else name
            ends = graph.nodes[name].kind in {"start", "end"}
            expected.states.setdefault(path, "FINISHED" if ends else "NOT_TAKEN")
    assert {name for name in ran if expected.states[name] == "NOT_TAKEN"} == set()
    return expected


def _walk(part: Any, expected: Expected, earlier: list[str], prefix: str) -> Iterator[str]:
    """Paths of what runs in ``part``; ``earlier`` is over by then."""
    match part:
        case Step():
            name = prefix + part.name
            expected.attempts[name] = part.attempts
            yield _ran(expected, name, earlier, part.end)
        case Series(parts):
            so_far = list(earlier)
            for inner in parts:
                ran = list(_walk(inner, expected, so_far, prefix))
                so_far += ran
                yield from ran
        case Fork():
            yield from _walk_fork(part, expected, earlier, prefix)
        case Choice(branches, taken):
            yield _ran(expected, prefix + part.name, earlier)
            if taken < len(branches):
                yield from _walk(branches[taken], expected, [*earlier, prefix + part.name], prefix)
        case Loop():
            yield from _walk_loop(part, expected, earlier, prefix)
        case Inner():
            yield from _walk_inner(part, expected, earlier, prefix)


def _walk_fork(part: Fork, expected: Expected, earlier: list[str], prefix: str) -> Iterator[str]:
    inside = [_ran(expected, prefix + part.name, earlier)]
    for index, branch in enumerate(part.branches):
        if part.taken is None or index in part.taken:
            inside += _walk(branch, expected, [*earlier, inside[0]], prefix)
    yield from inside
    yield _ran(expected, prefix + part.join, [*earlier, *inside])


def _walk_loop(part: Loop, expected: Expected, earlier: list[str], prefix: str) -> Iterator[str]:
    """Of one pass and the next nothing is said: only of all of them and what lies around."""
    one = Expected(expected.states, expected.attempts, flows=expected.flows)
    for name in [prefix + part.head, *_walk(part.body, one, [], prefix), prefix + part.tail]:
        yield _ran(expected, name, earlier, expected.states.get(name, "FINISHED"))


def _walk_inner(part: Inner, expected: Expected, earlier: list[str], prefix: str) -> Iterator[str]:
    name = prefix + part.name
    for holder in [name] if part.items is None else [f"{name}[{index}]" for index in range(part.items)]:
        expected.states[holder] = "FINISHED"
        if holder not in expected.flows:
            expected.flows.append(holder)
        yield from _walk(part.body, expected, earlier, f"{holder}.")
    expected.states[name] = "FINISHED"


def _ran(expected: Expected, name: str, earlier: list[str], state: str = "FINISHED") -> str:
    expected.states[name] = state
    expected.before |= {(other, name) for other in earlier}
    return name
