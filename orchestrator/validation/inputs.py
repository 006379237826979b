"""What a step is given, against the schema of what it takes."""

import dataclasses
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema_rs import Draft202012Validator

from kernel.errors import FieldProblem
from kernel.expressions.errors import ExpressionSyntaxError
from kernel.expressions.interpolation import Path, references
from kernel.forms.data import compile_validator
from kernel.forms.pointers import dotted
from kernel.forms.secrets import secret_fields
from kernel.forms.wording import field_problems
from orchestrator.flow.problems import Problem
from orchestrator.validation.secrets import names_secret
from orchestrator.validation.wordings import (
    NO_INPUT_GIVEN,
    SECRET_HELD,
    SECRET_NOT_NAMED,
    TAKES_NO_INPUTS,
    UNKNOWN_INPUT,
    UNKNOWN_INPUT_OF_FLOW,
)


@dataclass(frozen=True, slots=True)
class Given:
    """Inputs of a node.

    Attributes:
        plugin: what takes them; none where another flow does.
        secrets: paths that refer to secrets which are filled in.
        by_name: a secret may also be one of the project's, by its name.
    """

    node_id: str
    plugin: str | None
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

    def problems(self, name: str, value: Any) -> Iterator[FieldProblem]:
        """What is wrong with the value of one property, at the place inside it as a JSON pointer."""
        if name not in self._validators:
            part = self.properties[name]
            whole = {**self._definitions, **part} if isinstance(part, Mapping) else {"allOf": [part]}
            self._validators[name] = compile_validator(whole)
        return field_problems(self._validators[name].iter_errors(value), "")


def check_inputs(given: Given, taken: Taken) -> Iterator[Problem]:
    """Required inputs are given, unknown ones are not, and fixed values fit."""
    for name in taken.required:
        if name not in given.inputs:
            yield Problem.of("input_required", NO_INPUT_GIVEN.at(f"inputs.{name}", input=name), given.node_id)
    for name, value in given.inputs.items():
        if name not in taken.properties:
            if taken.closed:
                yield Problem.of("input_known", _unknown(given, name, taken), given.node_id)
            continue
        if name in taken.secrets and names_secret(value, given.secrets):
            continue
        if name in taken.secrets and not (given.by_name and is_fixed(value)):
            yield _no_secret(given, name)
        elif is_fixed(value):
            yield from _check_value(given.node_id, name, value, taken)


def _unknown(given: Given, name: str, taken: Taken) -> FieldProblem:
    place, known = f"inputs.{name}", tuple(sorted(taken.properties))
    if not known:
        return TAKES_NO_INPUTS.at(place, input=name)
    if given.plugin is None:
        return UNKNOWN_INPUT_OF_FLOW.at(place, input=name, known=known)
    return UNKNOWN_INPUT.at(place, plugin=given.plugin, input=name, known=known)


def _no_secret(given: Given, name: str) -> Problem:
    wording = SECRET_NOT_NAMED if given.by_name else SECRET_HELD
    return Problem.of("secret_named", wording.at(f"inputs.{name}", input=name), given.node_id)


def is_fixed(value: Any) -> bool:
    """Whether it refers to nothing."""
    try:
        return not references(value)
    except ExpressionSyntaxError:
        return False


def _check_value(node_id: str, name: str, value: Any, taken: Taken) -> Iterator[Problem]:
    for found in taken.problems(name, value):
        place = dotted(f"inputs.{name}", _steps(found.field))
        yield Problem.of("input_value", dataclasses.replace(found, field=place), node_id)


def _steps(pointer: str) -> Iterator[str | int]:
    for step in pointer.split("/")[1:]:
        yield int(step) if step.isdecimal() else step.replace("~1", "/").replace("~0", "~")
