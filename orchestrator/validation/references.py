"""What ``${…}`` and conditions name must exist by the time they are resolved."""

from collections.abc import Iterator
from dataclasses import dataclass

from kernel.expressions.conditions import compile_condition
from kernel.expressions.errors import ExpressionError, ExpressionSyntaxError
from kernel.expressions.interpolation import Path, Reference, parse, render_path, texts
from orchestrator.flow.constants import named_through
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import DECIDING, FORKING, Edge, MapNode, NodeKind, StepNode
from orchestrator.flow.problems import Problem
from orchestrator.flow.texts import expressions, templates

_FACTS = {"task": frozenset({"id", "name", "created_by"}), "project": frozenset({"id", "code", "variables", "secrets"})}
_OF_NODE = frozenset({"outputs", "state", "loop"})
_OF_ITEM = frozenset({"item", "index"})
_ROOTS = "inputs, constants, nodes, task, project"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a reference stands: nodes that lead to ``before`` may have run by then, those in ``always`` surely have;
    the names in ``own`` mean something there alone.
    """

    node_id: str | None
    edge_id: str | None
    field: str
    before: str | None
    always: int
    own: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Given:
    """What a flow is given besides what its nodes leave.

    Attributes:
        inputs: names of the flow's inputs; none when any are allowed.
        variables: names of its project's variables.
        secrets: names of its project's secrets.
    """

    inputs: frozenset[str] | None
    variables: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()


def check_references(graph: Graph, given: Given) -> Iterator[Problem]:
    """Every path begins with a known name and leads to what is given, or to a node that runs before.

    Args:
        graph: the flow; what surely runs before is told without the edges that lead back.
    """
    always = _always_before(graph)
    everything = (1 << len(graph.nodes)) - 1
    for node in graph.flow.nodes:
        itself = 1 << graph.positions[node.id]
        before = node.id
        sure = always[node.id] & ~itself
        for field, text in templates(node):
            own = _OF_ITEM if isinstance(node, MapNode) and field != "items" else frozenset()
            yield from _check_text(graph, text, _Place(node.id, None, field, before, sure, own), given)
        for field, source in expressions(node):
            yield from _check_condition(graph, source, _Place(node.id, None, field, before, sure), given)
        if node.kind in DECIDING:
            for edge in graph.outgoing[node.id]:
                place = _Place(node.id, edge.id, "condition", before, sure)
                yield from _check_condition(graph, edge.condition, place, given)
    yield from _check_constants(graph, everything, given)
    at_end = everything
    for name, node in graph.nodes.items():
        if node.kind is NodeKind.END:
            at_end &= always[name]
    for field, text in texts(dict(graph.flow.outputs), "outputs"):
        yield from _check_text(graph, text, _Place(None, None, field, None, at_end), given)


def _check_constants(graph: Graph, everything: int, given: Given) -> Iterator[Problem]:
    """Where one is named is told whether the nodes it names have run by then."""
    for name, constant in graph.flow.constants.items():
        for field, text in texts(constant.value, f"constants.{name}.value"):
            yield from _check_text(graph, text, _Place(None, None, field, None, everything), given)


def _check_text(graph: Graph, text: str, place: _Place, given: Given) -> Iterator[Problem]:
    try:
        parts = parse(text)
    except ExpressionSyntaxError as error:
        problem = f"{error.message} (character {error.position + 1})"
        remedy = "write ${name.name[0]}, or $${ for a literal ${"
        yield Problem("reference_readable", problem, remedy, place.node_id, place.edge_id, place.field)
        return
    for part in parts:
        if isinstance(part, Reference):
            yield from _check_path(graph, part.path, place, given)


def _check_condition(graph: Graph, source: str | None, place: _Place, given: Given) -> Iterator[Problem]:
    if source is None:
        return
    try:
        condition = compile_condition(source)
    except ExpressionError:  # check_conditions reports it
        return
    local = condition.macro_names
    for path in sorted(condition.paths):
        if path[0] not in local:
            yield from _check_path(graph, path, place, given)


def _check_path(graph: Graph, path: tuple[str | int, ...], place: _Place, given: Given) -> Iterator[Problem]:
    rest = path[1:]
    written = render_path(path)

    def problem(rule: str, message: str, remedy: str, *, blocking: bool = True) -> Problem:
        return Problem(rule, message, remedy, place.node_id, place.edge_id, place.field, blocking)

    match path[0]:
        case "inputs":
            if rest and given.inputs is not None and rest[0] not in given.inputs:
                yield problem("reference", f"the flow has no input {rest[0]!r} ({written})", "add it to the form")
        case "nodes":
            if rest:
                yield from _check_node_path(graph, path, place)
        case "constants":
            yield from _check_constant_path(graph, path, place)
        case "task" | "project":
            yield from _check_fact(path, place, given)
        case root if root in place.own:
            return
        case root:
            yield problem("reference", f"{root!r} is not known ({written})", f"begin with one of {_ROOTS}")


def _check_constant_path(graph: Graph, path: Path, place: _Place) -> Iterator[Problem]:
    """It is there, and the nodes it names have run."""
    constants, written = graph.flow.constants, render_path(path)
    if len(path) == 1 or path[1] not in constants:
        found = "names none of them" if len(path) == 1 else f"the flow has no constant {path[1]!r}"
        known = ", ".join(constants) or "none"
        remedy = f"add it to the constants of the flow; there are {known}"
        yield Problem("reference", f"{found} ({written})", remedy, place.node_id, place.edge_id, place.field)
        return
    if place.before is None and place.field.startswith("constants."):
        return
    for named in sorted(named_through([path], constants), key=str):
        if named[0] == "nodes" and len(named) > 1:
            yield from _check_node_path(graph, named, place)


def _check_fact(path: Path, place: _Place, given: Given) -> Iterator[Problem]:
    """Of the task or its project."""
    root, known = path[0], _FACTS[str(path[0])]
    if path[:2] == ("project", "variables"):
        yield from _check_named(path, place, "variable", given.variables)
    elif path[:2] == ("project", "secrets"):
        yield from _check_named(path, place, "secret", given.secrets)
    elif len(path) > 1 and path[1] not in known:
        message, remedy = f"{root} has no {path[1]!r} ({render_path(path)})", f"{root} has {', '.join(sorted(known))}"
        yield Problem("reference", message, remedy, place.node_id, place.edge_id, place.field)


def _check_named(path: Path, place: _Place, kind: str, known: frozenset[str]) -> Iterator[Problem]:
    """Which variables and secrets a flow uses must be told from its text: each is named by itself."""
    written = render_path(path)
    name = path[2] if len(path) > 2 else None  # noqa: PLR2004 - project, variables, the name
    if name is None:
        message, remedy = f"names no single {kind} ({written})", f"write project.{kind}s.<name>"
    elif name not in known:
        message, remedy = f"the project has no {kind} {name!r} ({written})", f"add it to the project's {kind}s"
    elif kind == "secret" and len(path) > 3:  # noqa: PLR2004 - and what would be inside
        message, remedy = f"leads into a secret, which is a text ({written})", f"write project.secrets.{name}"
    else:
        return
    at = (place.node_id, place.edge_id, place.field)
    if kind == "secret":
        yield Problem("project_secret", message, remedy, *at)
    else:
        yield Problem("project_variable", message, remedy, *at)


def _check_node_path(graph: Graph, path: tuple[str | int, ...], place: _Place) -> Iterator[Problem]:
    name, written = str(path[1]), render_path(path)

    def problem(rule: str, message: str, remedy: str, *, blocking: bool = True) -> Problem:
        return Problem(rule, message, remedy, place.node_id, place.edge_id, place.field, blocking)

    if name not in graph.nodes:
        yield problem("reference", f"there is no node {name!r} ({written})", "name an existing node")
    elif not isinstance(graph.nodes[name], StepNode):
        yield problem("reference", f"{name!r} is a {graph.nodes[name].kind.value} node without outputs", "name a step")
    elif len(path) > 2 and path[2] not in _OF_NODE:  # noqa: PLR2004 - nodes, the id, outputs
        remedy = f"write nodes.{name}.outputs; there is also {' and '.join(sorted(_OF_NODE - {'outputs'}))}"
        yield problem("reference", f"a node has no {path[2]!r} ({written})", remedy)
    elif place.before is not None and not graph.leads_to(name, place.before):
        yield problem(
            "reference_order", f"{name!r} does not run before this ({written})", "name a node that runs before"
        )
    elif not place.always >> graph.positions[name] & 1:
        message = f"{name!r} does not run before this on every way ({written})"
        yield problem("reference_certain", message, "make sure it has run, or expect a failure here", blocking=False)


def _always_before(graph: Graph) -> dict[str, int]:
    """Node → nodes that have run whenever it is reached, itself among them.

    A join has waited for every branch of its parallel node, so it knows what any of them knows. Of an inclusive node
    some branches only were taken: there, and where ways meet in any other node, it knows what all of them know.
    """
    always: dict[str, int] = {}
    branches: dict[str, tuple[Edge, ...]] = {}
    for name in graph.order:
        kind = graph.nodes[name].kind
        known: dict[str, int] = {}
        inside: tuple[Edge, ...] = ()
        for edge in graph.incoming[name]:
            if edge.id in graph.back:
                continue
            inside = branches[edge.id]
            branch = _all_taken(graph, inside) if kind is NodeKind.JOIN else ""
            known[branch] = known.get(branch, -1) & always[edge.source]
        always[name] = 1 << graph.positions[name]
        for way in known.values():
            always[name] |= way
        if kind is NodeKind.JOIN:
            inside = inside[:-1]
        for edge in graph.outgoing[name]:
            branches[edge.id] = (*inside, edge) if kind in FORKING else inside
    return always


def _all_taken(graph: Graph, inside: tuple[Edge, ...]) -> str:
    """The innermost branch, if every branch beside it is taken too."""
    return inside[-1].id if inside and graph.nodes[inside[-1].source].kind is NodeKind.PARALLEL else ""
