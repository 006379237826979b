"""What a step is given, against the schema of what it takes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator

from kernel.expressions.errors import ExpressionSyntaxError
from kernel.expressions.interpolation import Path, references
from kernel.forms.secrets import secret_fields
from orchestrator.flow.problems import Problem
from orchestrator.validation.secrets import names_secret


@dataclass(frozen=True, slots=True)
class Given:
    """Inputs of a node.

    Attributes:
        taker: what takes them, as people call it.
        secrets: paths that refer to secrets which are filled in.
        by_name: a secret may also be one of the project's, by its name.
    """

    node_id: str
    taker: str
    inputs: Mapping[str, Any]
    secrets: frozenset[Path] = frozenset()
    by_name: bool = True


def check_inputs(given: Given, schema: Mapping[str, Any]) -> Iterator[Problem]:
    """Required inputs are given, unknown ones are not, and fixed values fit."""
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in given.inputs:
            yield Problem(
                "input_required", f"the input {name!r} is missing", "give it", given.node_id, field=f"inputs.{name}"
            )
    secrets = secret_fields(schema)
    for name, value in given.inputs.items():
        if name not in properties:
            if schema.get("additionalProperties") is False:
                known = ", ".join(sorted(properties)) or "none"
                problem = f"{given.taker} has no input {name!r}"
                yield Problem("input_known", problem, f"its inputs are {known}", given.node_id, field=f"inputs.{name}")
            continue
        if name in secrets and names_secret(value, given.secrets):
            continue
        if name in secrets and not (given.by_name and is_fixed(value)):
            yield _no_secret(given, name)
        elif is_fixed(value):
            yield from _check_value(given.node_id, name, value, properties[name], schema)


def _no_secret(given: Given, name: str) -> Problem:
    refer = "refer to a secret input of this flow or to ${project.secrets.<name>}, and nothing around it"
    if not given.by_name:
        problem, remedy = f"the input {name!r} takes a secret, and the flow must not hold it", refer
    else:
        problem = f"the input {name!r} takes a secret, whose name stands in the flow itself"
        remedy = f"write the name of one of the project's secrets, without ${{…}}; or {refer}"
    return Problem("secret_named", problem, remedy, given.node_id, field=f"inputs.{name}")


def is_fixed(value: Any) -> bool:
    """Whether it refers to nothing."""
    try:
        return not references(value)
    except ExpressionSyntaxError:
        return False


def _check_value(node_id: str, name: str, value: Any, part: Any, schema: Mapping[str, Any]) -> Iterator[Problem]:
    whole = {"$defs": schema["$defs"], **part} if isinstance(part, Mapping) and "$defs" in schema else part
    for error in Draft202012Validator(whole).iter_errors(value):
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
        yield Problem("input_value", error.message[:500], "", node_id, field=f"inputs.{name}{place}")
