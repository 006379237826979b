"""Random series-parallel flows, and a reference interpreter that knows nothing of tokens."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from orchestrator.flow.document import read_flow
from orchestrator.flow.graph import Graph


@dataclass
class Step:
    """A plugin node: the answers to its invocations, attempt by attempt, and whether its failures end in a skip."""

    polls: int
    callbacks: int
    failures: int
    skipped: bool
    name: str = ""


@dataclass
class Series:
    parts: list[Any]


@dataclass
class Fork:
    branches: list[Any]
    name: str = ""
    join: str = ""


@dataclass
class Choice:
    """``taken`` is the branch whose condition holds; past the end, the default edge is taken."""

    branches: list[Any]
    taken: int
    name: str = ""


steps = st.builds(
    Step,
    polls=st.integers(0, 2),
    callbacks=st.integers(0, 2),
    failures=st.sampled_from([0, 0, 0, 1, 2]),
    skipped=st.booleans(),
)
structures = st.recursive(
    steps,
    lambda inner: st.one_of(
        st.builds(Series, st.lists(inner, min_size=1, max_size=3)),
        st.builds(Fork, st.lists(inner, min_size=1, max_size=3)),
        st.builds(Choice, st.lists(inner, min_size=1, max_size=3), st.integers(0, 3)),
    ),
    max_leaves=10,
)


@dataclass
class Drawing:
    """The structure as a flow."""

    nodes: list[dict[str, Any]] = field(default_factory=list)
    edges: list[dict[str, Any]] = field(default_factory=list)
    steps: dict[str, Step] = field(default_factory=dict)

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
                part.name = self.node("plugin", plugin="x", version="1", inputs={"me": f"{len(self.nodes)}"})
                self.steps[part.name] = part
                self.connect(ends, part.name)
                return [(part.name, {})]
            case Series(parts):
                for inner in parts:
                    ends = self.draw(inner, ends)
                return ends
            case Fork(branches):
                part.name = self.node("parallel")
                self.connect(ends, part.name)
                loose = [end for branch in branches for end in self.draw(branch, [(part.name, {})])]
                part.join = self.node("join")
                self.connect(loose, part.join)
                return [(part.join, {})]
            case Choice(branches, taken):
                part.name = self.node("exclusive")
                self.connect(ends, part.name)
                loose = []
                for index, branch in enumerate(branches):
                    loose += self.draw(branch, [(part.name, {"condition": f"{taken} == {index}"})])
                return [*loose, (part.name, {"default": True})]
        raise AssertionError(part)

    def connect(self, ends: list[tuple[str, dict[str, Any]]], target: str) -> None:
        for source, settings in ends:
            self.edge(source, target, **settings)


def draw(structure: Any) -> tuple[Graph, dict[str, Step]]:
    drawing = Drawing()
    ends = drawing.draw(structure, [(drawing.node("start"), {})])
    drawing.connect(ends, drawing.node("end"))
    return Graph(read_flow({"nodes": drawing.nodes, "edges": drawing.edges})), drawing.steps


@dataclass
class Expected:
    """What must be seen in the end, whatever the order of events.

    Attributes:
        states: node → final state.
        attempts: node → attempts of nodes that ran.
        before: pairs of nodes of which the first must be over before the second begins.
    """

    states: dict[str, str] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)
    before: set[tuple[str, str]] = field(default_factory=set)


def interpret(structure: Any, graph: Graph) -> Expected:
    """Walks the structure, not the graph."""
    expected = Expected()
    ran = list(_walk(structure, expected, []))
    for name, node in graph.nodes.items():
        if node.kind in {"start", "end"}:
            expected.states[name] = "FINISHED"
        expected.states.setdefault(name, "NOT_TAKEN")
    assert {name for name in ran if expected.states[name] == "NOT_TAKEN"} == set()
    return expected


def _walk(part: Any, expected: Expected, earlier: list[str]) -> Iterator[str]:
    """Names of what runs in ``part``; ``earlier`` is over by then."""
    match part:
        case Step():
            skipped = part.skipped and part.failures > 0
            expected.states[part.name] = "SKIPPED" if skipped else "FINISHED"
            expected.attempts[part.name] = part.failures if skipped else part.failures + 1
            expected.before |= {(name, part.name) for name in earlier}
            yield part.name
        case Series(parts):
            so_far = list(earlier)
            for inner in parts:
                ran = list(_walk(inner, expected, so_far))
                so_far += ran
                yield from ran
        case Fork(branches):
            expected.states[part.name] = "FINISHED"
            expected.before |= {(name, part.name) for name in earlier}
            inside = [part.name]
            for branch in branches:
                inside += _walk(branch, expected, [*earlier, part.name])
            expected.states[part.join] = "FINISHED"
            expected.before |= {(name, part.join) for name in inside}
            yield from inside
            yield part.join
        case Choice(branches, taken):
            expected.states[part.name] = "FINISHED"
            expected.before |= {(name, part.name) for name in earlier}
            yield part.name
            if taken < len(branches):
                yield from _walk(branches[taken], expected, [*earlier, part.name])
