from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.flow.document import read_flow, write_flow
from orchestrator.flow.executors import Standing, acting_nodes, executor_of, names_in, standing_inside
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import DecisionNode, Flow, MapNode, Node, NodeKind, PluginNode, SubflowNode

LAUNCHER = "launcher"
NAMES = st.sampled_from(["", "", "ann", "bea", "cyd"])


def _call(executor: str) -> PluginNode:
    return PluginNode("call", NodeKind.PLUGIN, executor=executor)


def _calling(depth: int, executor: str, *, loop: bool) -> SubflowNode:
    if loop:
        return MapNode("inner", NodeKind.MAP, flow=f"f{depth}", revision=depth, executor=executor, items=[1])
    return SubflowNode("inner", NodeKind.SUBFLOW, flow=f"f{depth}", revision=depth, executor=executor)


@st.composite
def nested(draw: st.DrawFn) -> tuple[Flow, list[tuple[str, str, str, bool]]]:
    """A task's flow with flows inside one another; of each (its executor, its call's, its inner flow's, loop)."""
    levels = draw(st.lists(st.tuples(NAMES, NAMES, NAMES, st.booleans()), min_size=1, max_size=5))
    flows: dict[str, Flow] = {}
    for depth in reversed(range(len(levels))):
        of_flow, of_call, of_inner, loop = levels[depth]
        nodes: list[Node] = [_call(of_call), DecisionNode("wait", NodeKind.CONFIRM)]
        if depth + 1 < len(levels):
            nodes.append(_calling(depth + 1, of_inner, loop=loop))
        flows[f"f{depth}@{depth}"] = Flow(tuple(nodes), (), executor=of_flow)
    outermost = flows.pop("f0@0")
    return replace(outermost, subflows=flows, project_executor=draw(NAMES)), levels


def _path(levels: list[tuple[str, str, str, bool]], depth: int) -> str:
    return "".join("inner[3]." if loop else "inner." for *_, loop in levels[:depth]) + "call"


@given(nested())
def test_the_nearest_name_counts_and_last_the_launchers(built: tuple[Flow, list[tuple[str, str, str, bool]]]) -> None:
    flow, levels = built
    graph = Graph(flow)
    for depth, (_, own, _, _) in enumerate(levels):
        outwards = [own, levels[depth][0]]
        for of_flow, _, of_inner, _ in reversed(levels[:depth]):
            outwards += [of_inner, of_flow]
        expected = next((name for name in (*outwards, flow.project_executor) if name), LAUNCHER)
        assert executor_of(graph, _path(levels, depth), LAUNCHER) == expected


@given(nested())
def test_only_those_who_are_named_are_acted_for_and_each_name_is_found(
    built: tuple[Flow, list[tuple[str, str, str, bool]]],
) -> None:
    flow, _ = built
    graph = Graph(flow)
    acted_for = {executor_of(graph, path, LAUNCHER) for path in acting_nodes(graph)}
    assert acted_for <= names_in(write_flow(flow)) | {LAUNCHER}
    assert graph.names_executors == bool(names_in(write_flow(flow)))


@given(nested())
def test_a_definition_keeps_whom_it_names(built: tuple[Flow, list[tuple[str, str, str, bool]]]) -> None:
    flow, _ = built
    called = replace(flow, nodes=tuple(_published(node) for node in flow.nodes), subflows={})
    assert read_flow(write_flow(called)) == called


def _published(node: Node) -> Node:
    return replace(node, plugin="echo", version="1.0.0") if isinstance(node, PluginNode) else node


def test_a_node_stands_in_the_flow_and_revision_around_it() -> None:
    inner = Flow((_call(""),), ())
    graph = Graph(Flow((_call(""), _calling(1, "", loop=True)), (), subflows={"f1@1": inner}))
    assert standing_inside(graph, "call") is None
    assert standing_inside(graph, "inner[2].call") == Standing("f1", 1)
