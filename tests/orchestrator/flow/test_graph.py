from orchestrator.flow.graph import Graph
from orchestrator.flow.model import Edge, Flow, Node, NodeKind


def graph(*pairs: str) -> Graph:
    names = sorted({name for pair in pairs for name in pair})
    return Graph(
        Flow(
            tuple(Node(name, NodeKind.START if name == "a" else NodeKind.JOIN) for name in names),
            tuple(Edge(pair, pair[0], pair[1]) for pair in pairs),
        )
    )


def reached(found: Graph, name: str) -> str:
    return "".join(other for other, bit in found.positions.items() if found.reach[name] >> bit & 1)


def test_reach_and_order_of_a_diamond() -> None:
    found = graph("ab", "ac", "bd", "cd")
    assert [reached(found, name) for name in "abcd"] == ["abcd", "bd", "cd", "d"]
    assert found.order is not None
    assert found.order.index("a") < found.order.index("b") < found.order.index("d")
    assert found.start.id == "a"


def test_the_edge_that_leads_back_is_told_apart_and_the_rest_has_an_order() -> None:
    found = graph("ab", "bc", "cb", "cd")
    assert reached(found, "c") == "bcd"
    assert found.back == {"cb"}
    assert found.order == ("a", "b", "c", "d")
    assert [name for name in "abcd" if found.in_loop(name)] == ["b", "c"]


def test_loops_inside_loops_are_reached_from_one_another() -> None:
    found = graph("ab", "bc", "cd", "dc", "db", "de")
    assert found.back == {"dc", "db"}
    assert [reached(found, name) for name in "abcde"] == ["abcde", "bcde", "bcde", "bcde", "e"]


def test_edges_to_nowhere_are_left_out() -> None:
    flow = Flow((Node("a", NodeKind.START),), (Edge("x", "a", "gone"), Edge("y", "gone", "a")))
    assert Graph(flow).outgoing == {"a": ()}
