"""Flow ↔ JSON. Reading checks every field's presence and type and names each wrong one; the rules are validation's."""

from dataclasses import replace
from typing import Any

from orchestrator.flow.model import Beginning, Constant, Edge, Flow, Kept
from orchestrator.flow.node_document import read_node, write_node
from orchestrator.flow.paths import MAX_PATH
from orchestrator.flow.problems import FlowUnreadable, Problem
from orchestrator.flow.reading import MAX_TEXT, MAX_USERNAME, Members, members_of

MAX_NODES = 10_000
MAX_EDGES = 20_000
MAX_LOOP_LIMIT = 10_000
MAX_CONSTANTS = 1_000
_MAX_PROBLEMS = 100
_MEMBERS = frozenset(
    {
        *("nodes", "edges", "form", "constants", "outputs", "layout"),
        *("left_out", "subflows", "begin", "executor", "project_executor", "project_variables", "project_secrets"),
    }
)
_CONSTANT_MEMBERS = frozenset({"value", "schema", "once"})
_EDGE_MEMBERS = frozenset({"id", "source", "target", "condition", "default", "name", "failure", "limit"})


def read_flow(document: object) -> Flow:
    """A flow from its JSON document.

    Raises:
        FlowUnreadable: with up to a hundred problems, each naming its field.
    """
    problems: list[Problem] = []
    source = members_of(document, "", problems)
    if source is None:
        raise FlowUnreadable(problems)
    source.only(_MEMBERS)
    nodes = tuple(
        node
        for index, item in enumerate(source.items("nodes", MAX_NODES))
        if (node := read_node(item, f"nodes[{index}]", problems)) is not None
    )
    edges = tuple(
        edge
        for index, item in enumerate(source.items("edges", MAX_EDGES))
        if (edge := _read_edge(item, f"edges[{index}]", problems)) is not None
    )
    form = source.form("form")
    constants = _read_constants(source)
    outputs, layout = source.mapping("outputs"), source.mapping("layout")
    left_out = frozenset(source.names("left_out", MAX_NODES))
    secrets = frozenset(source.names("project_secrets", MAX_NODES))
    subflows = {key: _read_inner(inner, key, problems) for key, inner in source.mapping("subflows").items()}
    begin = _read_beginning(source)
    executor, of_project = (
        source.text(name, limit=MAX_USERNAME, default="") for name in ("executor", "project_executor")
    )
    variables = source.mapping("project_variables")
    if problems:
        raise FlowUnreadable(problems[:_MAX_PROBLEMS])
    return Flow(
        nodes, edges, form, outputs, layout, left_out, subflows, begin, executor, of_project, constants, variables,
        secrets,
    )  # fmt: skip


def _read_constants(source: Members) -> dict[str, Constant]:
    given = source.mapping("constants")
    if len(given) > MAX_CONSTANTS:
        source.wrong("constants", f"has {len(given)} entries", f"at most {MAX_CONSTANTS}")
        return {}
    found = {}
    for name, item in given.items():
        member = members_of(item, source.place(f"constants.{name}"), source.problems)
        if member is not None:
            member.only(_CONSTANT_MEMBERS)
            if "value" not in member.source:
                member.wrong("value", "is missing")
            once = member.flag("once", default=False)
            found[name] = Constant(member.source.get("value"), member.mapping("schema"), once)
    return found


def _read_beginning(source: Members) -> Beginning | None:
    found = source.members("begin", {"node", "kept", "entered"})
    if found is None:
        return None
    kept = {}
    for name, value in found.mapping("kept").items():
        member = members_of(value, found.place(f"kept.{name}"), source.problems)
        if member is not None:
            kept[name] = Kept(member.text("state"), member.mapping("outputs") if member.has("outputs") else None)
    around = found.members("entered", found.mapping("entered"))
    entered = {} if around is None else {name: around.mapping(name) for name in around.source}
    return Beginning(found.text("node", limit=MAX_PATH), kept, entered)


def _read_inner(document: object, key: str, problems: list[Problem]) -> Flow:
    try:
        return read_flow(document)
    except FlowUnreadable as error:
        problems += [replace(found, field=f"subflows[{key}].{found.field}") for found in error.problems]
        return Flow((), ())


def write_flow(flow: Flow) -> dict[str, Any]:
    """The JSON document ``read_flow`` reads back to an equal flow."""
    document: dict[str, Any] = {
        "nodes": [write_node(node) for node in flow.nodes],
        "edges": [_write_edge(edge) for edge in flow.edges],
    }
    if flow.form is not None:
        document["form"] = dict(flow.form)
    if flow.constants:
        document["constants"] = {name: _write_constant(each) for name, each in flow.constants.items()}
    for name in ("outputs", "layout", "project_variables"):
        if getattr(flow, name):
            document[name] = dict(getattr(flow, name))
    document |= {name: sorted(names) for name in ("left_out", "project_secrets") if (names := getattr(flow, name))}
    if flow.subflows:
        document["subflows"] = {key: write_flow(inner) for key, inner in flow.subflows.items()}
    if flow.begin is not None:
        document["begin"] = write_beginning(flow.begin)
    for name in ("executor", "project_executor"):
        if getattr(flow, name):
            document[name] = getattr(flow, name)
    return document


def _write_constant(constant: Constant) -> dict[str, Any]:
    written: dict[str, Any] = {"value": constant.value}
    if constant.schema:
        written["schema"] = dict(constant.schema)
    return {**written, "once": True} if constant.once else written


def write_beginning(begin: Beginning) -> dict[str, Any]:
    kept = {
        name: {"state": each.state} if each.outputs is None else {"state": each.state, "outputs": dict(each.outputs)}
        for name, each in begin.kept.items()
    }
    written: dict[str, Any] = {"node": begin.node, "kept": kept}
    if begin.entered:
        written["entered"] = {name: dict(inputs) for name, inputs in begin.entered.items()}
    return written


def _read_edge(item: object, at: str, problems: list[Problem]) -> Edge | None:
    source = members_of(item, at, problems)
    if source is None:
        return None
    source.only(_EDGE_MEMBERS)
    return Edge(
        id=source.text("id"),
        source=source.text("source"),
        target=source.text("target"),
        condition=source.text_or_none("condition", limit=MAX_TEXT),
        default=source.flag("default", default=False),
        name=source.text("name", default=""),
        failure=source.flag("failure", default=False),
        limit=source.whole_or_none("limit", least=1, most=MAX_LOOP_LIMIT),
    )


def _write_edge(edge: Edge) -> dict[str, Any]:
    written: dict[str, Any] = {"id": edge.id, "source": edge.source, "target": edge.target}
    if edge.name:
        written["name"] = edge.name
    if edge.condition is not None:
        written["condition"] = edge.condition
    if edge.default:
        written["default"] = True
    if edge.failure:
        written["failure"] = True
    if edge.limit is not None:
        written["limit"] = edge.limit
    return written
