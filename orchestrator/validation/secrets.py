"""Secrets that are filled in, and those of the project, go into calls and nowhere else."""

from collections.abc import Iterator, Mapping
from typing import Any

from kernel.expressions.conditions import compile_condition
from kernel.expressions.errors import ExpressionError
from kernel.expressions.interpolation import Path, references, render_path
from kernel.forms.secrets import secret_fields
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import DECIDING, DecisionNode, Flow, Node, PluginNode, SubflowNode
from orchestrator.flow.problems import Problem
from orchestrator.flow.project_secrets import ROOT, refers_to_secret
from orchestrator.flow.texts import expressions, templates
from orchestrator.validation.wordings import SECRET_SEEN


def secret_paths(flow: Flow) -> frozenset[Path]:
    """What refers to a secret: inputs of the flow, and answers of people, that their forms mark as such."""
    paths: set[Path] = {("inputs", name) for name in _marked(flow.form)}
    for node in flow.nodes:
        if isinstance(node, DecisionNode):
            paths |= {("nodes", node.id, "outputs", "data", name) for name in _marked(node.form)}
    return frozenset(paths)


def names_secret(value: Any, secrets: frozenset[Path]) -> bool:
    """Whether a template is one reference to a secret and nothing else.

    Args:
        secrets: paths of those that are filled in.
    """
    if refers_to_secret(value):
        return True
    if not isinstance(value, str) or not value.startswith("${") or value.find("}") != len(value) - 1:
        return False
    try:
        return references(value) <= secrets
    except ExpressionError:
        return False


def check_secret_places(graph: Graph) -> Iterator[Problem]:
    """Where people or conditions would see it, a secret must not stand."""
    secrets = secret_paths(graph.flow) | {ROOT}
    for node in graph.flow.nodes:
        for field, text in templates(node):
            if not (field.startswith("inputs") and isinstance(node, PluginNode | SubflowNode)):
                for path in _in_template(text, secrets):
                    yield _problem(path, node.id, None, field)
        yield from _in_expressions(graph, node, secrets)
    for name, constant in graph.flow.constants.items():
        for path in _in_template(constant.value, secrets):
            yield _problem(path, None, None, f"constants.{name}.value")
    for name, template in graph.flow.outputs.items():
        for path in _in_template(template, secrets):
            yield _problem(path, None, None, f"outputs.{name}")


def _in_expressions(graph: Graph, node: Node, secrets: frozenset[Path]) -> Iterator[Problem]:
    for field, source in expressions(node):
        for path in _in_condition(source, secrets):
            yield _problem(path, node.id, None, field)
    if node.kind in DECIDING:
        for edge in graph.outgoing[node.id]:
            for path in _in_condition(edge.condition or "", secrets):
                yield _problem(path, node.id, edge.id, "condition")


def _in_template(template: Any, secrets: frozenset[Path]) -> list[Path]:
    try:
        return sorted((path for path in references(template) if _leads_to(path, secrets)), key=str)
    except ExpressionError:  # check_references reports it
        return []


def _in_condition(source: str, secrets: frozenset[Path]) -> list[Path]:
    try:
        return sorted((path for path in compile_condition(source).paths if _leads_to(path, secrets)), key=str)
    except ExpressionError:  # check_conditions and check_steps report it
        return []


def _leads_to(path: Path, secrets: frozenset[Path]) -> bool:
    return any(path[: len(secret)] == secret for secret in secrets)


def _problem(path: Path, node: str | None, edge: str | None, field: str) -> Problem:
    return Problem.of("secret_place", SECRET_SEEN.at(field, secret=render_path(path)), node, edge)


def _marked(form: Mapping[str, Any] | None) -> frozenset[str]:
    schema = form.get("schema") if form is not None else None
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    return secret_fields(schema) if isinstance(schema, Mapping) and isinstance(properties, Mapping) else frozenset()
