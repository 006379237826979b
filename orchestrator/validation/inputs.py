"""What a step is given, against the schema of what it takes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator

from kernel.expressions.errors import ExpressionSyntaxError
from kernel.expressions.interpolation import references
from kernel.forms.secrets import secret_fields
from orchestrator.flow.problems import Problem


@dataclass(frozen=True, slots=True)
class Given:
    """Inputs of a node; ``taker`` is what takes them, as people call it."""

    node_id: str
    taker: str
    inputs: Mapping[str, Any]


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
        if name in secrets and not is_fixed(value):
            problem = f"the input {name!r} takes a secret, whose name stands in the flow itself"
            remedy = "write the name of one of the project's secrets, without ${…}"
            yield Problem("secret_named", problem, remedy, given.node_id, field=f"inputs.{name}")
        elif is_fixed(value):
            yield from _check_value(given.node_id, name, value, properties[name], schema)


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
