"""What ``${…}`` and conditions name must exist by the time they are resolved."""

from collections.abc import Iterator
from dataclasses import dataclass

from kernel.errors import Param
from kernel.expressions.conditions import compile_condition
from kernel.expressions.errors import ExpressionError, ExpressionSyntaxError
from kernel.expressions.interpolation import Path, Reference, parse, render_path, texts
from kernel.wording import Wording
from orchestrator.flow.constants import named_through
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import DECIDING, FORKING, Edge, MapNode, NodeKind, StepNode
from orchestrator.flow.problems import Problem
from orchestrator.flow.texts import expressions, templates
from orchestrator.validation.wordings import (
    INTO_SECRET,
    MAY_NOT_RUN,
    NO_CONSTANT,
    NO_CONSTANT_NAMED,
    NO_FLOW_INPUT,
    NO_NODE,
    NO_PART,
    NO_SECRET,
    NO_SECRET_NAMED,
    NO_STEP,
    NO_VARIABLE,
    NO_VARIABLE_NAMED,
    RUNS_LATER,
    UNKNOWN_FACT,
    UNKNOWN_ROOT,
    UNREADABLE_REFERENCE,
)

_FACTS = {"task": frozenset({"id", "name", "created_by"}), "project": frozenset({"id", "code", "variables", "secrets"})}
_OF_NODE = frozenset({"outputs", "state", "loop"})
_OF_ITEM = frozenset({"item", "index"})
_ROOTS = ("inputs", "constants", "nodes", "task", "project")
_NONE = ("-",)


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

    def problem(self, rule: str, wording: Wording, **params: Param) -> Problem:
        return Problem.of(rule, wording.at(self.field, **params), self.node_id, self.edge_id)


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
        yield place.problem("reference_readable", UNREADABLE_REFERENCE, why=error.message, position=error.position + 1)
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
    match path[0]:
        case "inputs":
            if rest and given.inputs is not None and rest[0] not in given.inputs:
                yield place.problem("reference", NO_FLOW_INPUT, input=str(rest[0]), written=written)
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
            yield place.problem("reference", UNKNOWN_ROOT, root=str(root), written=written, known=_ROOTS)


def _check_constant_path(graph: Graph, path: Path, place: _Place) -> Iterator[Problem]:
    """It is there, and the nodes it names have run."""
    constants, written = graph.flow.constants, render_path(path)
    if len(path) == 1 or path[1] not in constants:
        known = tuple(constants) or _NONE
        if len(path) == 1:
            yield place.problem("reference", NO_CONSTANT_NAMED, written=written, known=known)
        else:
            yield place.problem("reference", NO_CONSTANT, name=str(path[1]), written=written, known=known)
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
        yield from _check_variable(path, place, given.variables)
    elif path[:2] == ("project", "secrets"):
        yield from _check_secret(path, place, given.secrets)
    elif len(path) > 1 and path[1] not in known:
        written, name = render_path(path), str(path[1])
        yield place.problem(
            "reference", UNKNOWN_FACT, root=str(root), name=name, written=written, known=tuple(sorted(known))
        )


def _check_variable(path: Path, place: _Place, known: frozenset[str]) -> Iterator[Problem]:
    """Which variables a flow uses must be told from its text: each is named by itself."""
    written = render_path(path)
    match path[2:]:
        case ():
            yield place.problem("project_variable", NO_VARIABLE_NAMED, written=written)
        case (name, *_) if name not in known:
            yield place.problem("project_variable", NO_VARIABLE, name=str(name), written=written)


def _check_secret(path: Path, place: _Place, known: frozenset[str]) -> Iterator[Problem]:
    """As variables are; and there is nothing inside."""
    written = render_path(path)
    match path[2:]:
        case ():
            yield place.problem("project_secret", NO_SECRET_NAMED, written=written)
        case (name, *_) if name not in known:
            yield place.problem("project_secret", NO_SECRET, name=str(name), written=written)
        case (name, _, *_):
            yield place.problem("project_secret", INTO_SECRET, name=str(name), written=written)


def _check_node_path(graph: Graph, path: tuple[str | int, ...], place: _Place) -> Iterator[Problem]:
    name, written = str(path[1]), render_path(path)
    if name not in graph.nodes:
        yield place.problem("reference", NO_NODE, node=name, written=written)
    elif not isinstance(graph.nodes[name], StepNode):
        yield place.problem("reference", NO_STEP, node=name, kind=graph.nodes[name].kind.value)
    elif len(path) > 2 and path[2] not in _OF_NODE:  # noqa: PLR2004 - nodes, the id, outputs
        others = tuple(sorted(_OF_NODE - {"outputs"}))
        yield place.problem("reference", NO_PART, part=str(path[2]), written=written, node=name, others=others)
    elif place.before is not None and not graph.leads_to(name, place.before):
        yield place.problem("reference_order", RUNS_LATER, node=name, written=written)
    elif not place.always >> graph.positions[name] & 1:
        said = MAY_NOT_RUN.at(place.field, node=name, written=written)
        yield Problem.of("reference_certain", said, place.node_id, place.edge_id, blocking=False)


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
