"""All rules a published flow keeps, in the order their problems are shown; one function each, pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestrator.flow.graph import Graph
from orchestrator.flow.problems import Problem
from orchestrator.validation.conditions import check_conditions
from orchestrator.validation.constants import check_constants
from orchestrator.validation.failures import check_failures
from orchestrator.validation.gateways import check_gateways
from orchestrator.validation.plugins import KnownPlugin, check_plugins
from orchestrator.validation.references import Given, check_references
from orchestrator.validation.secrets import check_secret_places
from orchestrator.validation.steps import check_steps
from orchestrator.validation.structure import check_degrees, check_ids, check_loops, check_reachability, check_start
from orchestrator.validation.subflows import KnownSubflow, check_subflows

MAX_PROBLEMS = 200


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a flow is checked against.

    Attributes:
        plugins: installed plugins by (code, version).
        subflows: flows that may be run inside, by (id, revision).
        variables: names of the project's variables.
        secrets: names of the project's secrets.
    """

    plugins: Mapping[tuple[str, str], KnownPlugin]
    subflows: Mapping[tuple[str, int | None], KnownSubflow] = field(default_factory=dict)
    variables: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()


def validate(graph: Graph, surroundings: Surroundings) -> list[Problem]:
    """Every broken rule with its place; empty when the flow may be published.

    Rules that follow edges are left out while ids and ends of edges are wrong: their findings would mislead.
    """
    found = list(check_ids(graph.flow))
    if not found:
        for rule in _GRAPH_RULES:
            found += rule(graph)
        if not any(problem.blocking for problem in found):
            found += check_gateways(graph)
        given = Given(_input_names(graph.flow.form), surroundings.variables, surroundings.secrets)
        found += check_references(graph, given)
        found += check_secret_places(graph)
    found += check_constants(graph.flow)
    found += check_conditions(graph)
    found += check_plugins(graph.flow, surroundings.plugins)
    found += check_subflows(graph.flow, surroundings.subflows)
    return found[:MAX_PROBLEMS]


def may_run(problems: Iterable[Problem]) -> bool:
    return not any(problem.blocking for problem in problems)


def _input_names(form: Mapping[str, Any] | None) -> frozenset[str] | None:
    """Names of the flow's inputs, or none when the form allows any."""
    if form is None:
        return frozenset()
    schema = form.get("schema")
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    return frozenset(properties) if isinstance(properties, Mapping) else None


_GRAPH_RULES: tuple[Callable[[Graph], Iterable[Problem]], ...] = (
    check_start,
    check_degrees,
    check_loops,
    check_reachability,
    check_failures,
    check_steps,
)
