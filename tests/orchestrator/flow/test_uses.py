from orchestrator.flow.document import read_flow
from orchestrator.flow.uses import uses
from tests.support.orchestrator import flow_of, plugin_node


def test_every_place_that_names_a_variable_is_found() -> None:
    nodes = [
        plugin_node("a", inputs={"x": ["${inputs.host}", "on ${inputs.host.ip} by ${project.variables.x.y}"]}),
        {"id": "sum", "kind": "expression", "values": {"n": "nodes.a.outputs.n + [1].map(i, i)[0]"}},
        {"id": "how", "kind": "exclusive"},
        {"id": "w", "kind": "wait", "event": "paid", "key": "${inputs.order}", "lock": {"key": "${inputs.host}"}},
    ]
    edges = ["start>a", "a>sum", "sum>how", "how>w?nodes.a.state == 'FINISHED'", "how>end?", "w>end"]
    constants = {"dir": {"value": "/${inputs.host}"}}
    flow = read_flow(
        flow_of(*nodes, edges=edges, constants=constants, outputs={"n": "${nodes.sum.outputs.n}", "odd": "${"})
    )
    assert [(use.variable, use.node_id, use.edge_id, use.field) for use in uses(flow)] == [
        ("inputs.host", "a", None, "inputs.x[0]"),
        ("inputs.host", "a", None, "inputs.x[1]"),
        ("project.variables.x", "a", None, "inputs.x[1]"),
        ("nodes.a.outputs.n", "sum", None, "values.n"),
        ("inputs.host", "w", None, "lock.key"),
        ("inputs.order", "w", None, "key"),
        ("nodes.a.state", "how", "e3", "condition"),
        ("inputs.host", None, None, "constants.dir.value"),
        ("nodes.sum.outputs.n", None, None, "outputs.n"),
    ]
