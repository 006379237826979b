"""From what came to the inputs of a task. Pure."""

from collections.abc import Mapping
from typing import Any

from kernel.errors import FieldProblem, Invalid
from kernel.expressions.conditions import compile_condition
from kernel.expressions.errors import ExpressionError
from kernel.expressions.interpolation import interpolate, parse, texts


class Unmappable(Exception):
    """What came doesn't give the inputs; the text is for people."""


def check_expressions(condition: str, mapping: Mapping[str, Any], event_key: str, root: str) -> None:
    """Args:
    root: the only name that expressions may begin with.

    Raises:
        Invalid: naming each wrong field.
    """
    problems: list[FieldProblem] = []
    if condition:
        problems += _condition_problems(condition, root)
    for place, text in texts(dict(mapping)):
        problems += _text_problems(f"mapping.{place}", text, root)
    problems += _text_problems("event_key", event_key, root)
    if problems:
        raise Invalid("; ".join(f"{each.field}: {each.problem}" for each in problems[:5]), fields=problems)


def lets_through(condition: str, values: Mapping[str, Any]) -> bool:
    """Raises:
    Unmappable: the condition can't be evaluated over this.
    """
    if not condition:
        return True
    try:
        return compile_condition(condition).holds(values)
    except ExpressionError as error:
        raise Unmappable(f"the condition can't be evaluated: {error}") from None


def inputs_of(mapping: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Raises:
    Unmappable: something that is referred to isn't there.
    """
    try:
        made: dict[str, Any] = interpolate(dict(mapping), values)
    except ExpressionError as error:
        raise Unmappable(f"the inputs can't be made: {error}") from None
    return made


def _condition_problems(condition: str, root: str) -> list[FieldProblem]:
    try:
        compiled = compile_condition(condition)
    except ExpressionError as error:
        return [FieldProblem("condition", str(error))]
    strangers = sorted({path[0] for path in compiled.paths} - {root} - compiled.macro_names)
    return [_stranger("condition", name, root) for name in strangers]


def _text_problems(place: str, text: str, root: str) -> list[FieldProblem]:
    try:
        parts = parse(text)
    except ExpressionError as error:
        return [FieldProblem(place, str(error))]
    names = {str(part.path[0]) for part in parts if not isinstance(part, str)}
    return [_stranger(place, name, root) for name in sorted(names - {root})]


def _stranger(place: str, name: str, root: str) -> FieldProblem:
    return FieldProblem(place, f"refers to {name!r}, which isn't there", f"Begin with {root}")
