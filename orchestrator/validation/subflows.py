"""Nodes that run other flows, against those flows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestrator.flow.model import Flow, MapNode, SubflowNode
from orchestrator.flow.problems import Problem
from orchestrator.validation.inputs import Given, Taken, check_inputs, is_fixed
from orchestrator.validation.secrets import secret_paths
from orchestrator.validation.wordings import NO_LIST

NOTHING_ASKED: Mapping[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}


@dataclass(frozen=True, slots=True)
class KnownSubflow:
    """A flow another one may run inside it.

    Attributes:
        inputs: JSON Schema of what it asks for.
        problem: why it can't be run inside, if it can't.
    """

    inputs: Mapping[str, Any] = field(default_factory=lambda: NOTHING_ASKED)
    problem: str | None = None


def check_subflows(flow: Flow, known: Mapping[tuple[str, int | None], KnownSubflow]) -> Iterator[Problem]:
    """Each flow can be run inside, and is given what it asks for."""
    secrets = secret_paths(flow)
    for node in flow.nodes:
        if not isinstance(node, SubflowNode):
            continue
        called = known.get((node.flow, node.revision), KnownSubflow(problem=f"there is no flow {node.flow!r}"))
        if called.problem is not None:
            yield Problem("subflow", called.problem, "name a published flow of the project", node.id, field="flow")
            continue
        given = Given(node.id, None, node.inputs, secrets, by_name=False)
        yield from check_inputs(given, Taken(called.inputs))
        if isinstance(node, MapNode) and is_fixed(node.items) and not isinstance(node.items, list):
            yield Problem.of("items", NO_LIST.at("items"), node.id)
