"""What a step is given, against the schema of what it takes."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

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


class Taken:
    """The schema of what is taken, made ready once for all the nodes that give something to the same."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self.properties: Mapping[str, Any] = schema.get("properties", {})
        self.required: Collection[str] = schema.get("required", ())
        self.closed = schema.get("additionalProperties") is False
        self.secrets = secret_fields(schema)
        self._definitions = {"$defs": schema["$defs"]} if "$defs" in schema else {}
        self._validators: dict[str, Draft202012Validator] = {}

    def errors(self, name: str, value: Any) -> Iterator[ValidationError]:
        """What is wrong with the value of one property."""
        if name not in self._validators:
            part = self.properties[name]
            whole = {**self._definitions, **part} if isinstance(part, Mapping) else part
            self._validators[name] = Draft202012Validator(whole)
        return self._validators[name].iter_errors(value)


def check_inputs(given: Given, taken: Taken) -> Iterator[Problem]:
    """Required inputs are given, unknown ones are not, and fixed values fit."""
    for name in taken.required:
        if name not in given.inputs:
            yield Problem(
                "input_required", f"the input {name!r} is missing", "give it", given.node_id, field=f"inputs.{name}"
            )
    for name, value in given.inputs.items():
        if name not in taken.properties:
            if taken.closed:
                known = ", ".join(sorted(taken.properties)) or "none"
                problem = f"{given.taker} has no input {name!r}"
                yield Problem("input_known", problem, f"its inputs are {known}", given.node_id, field=f"inputs.{name}")
            continue
        if name in taken.secrets and names_secret(value, given.secrets):
            continue
        if name in taken.secrets and not (given.by_name and is_fixed(value)):
            yield _no_secret(given, name)
        elif is_fixed(value):
            yield from _check_value(given.node_id, name, value, taken)


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


def _check_value(node_id: str, name: str, value: Any, taken: Taken) -> Iterator[Problem]:
    for error in taken.errors(name, value):
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
        yield Problem("input_value", error.message[:500], "", node_id, field=f"inputs.{name}{place}")
