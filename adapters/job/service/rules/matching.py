"""Looks for dangerous commands in a script: a guard against mistakes, not against somebody who means to hide them.

Matched in time linear in the script (the expressions of `kernel.forms.data`), so that no rule and no script is slow.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from jsonschema_rs import Draft202012Validator

from kernel.forms.data import compile_validator

_COMPILED = 512
_MOST_SHOWN = 200


class RuleAction(IntEnum):
    NOTE = 1
    """The script runs, and the audit log tells."""
    REFUSE = 2


@dataclass(frozen=True, slots=True)
class Rule:
    id: int
    expression: str
    description: str
    action: RuleAction


@dataclass(frozen=True, slots=True)
class Finding:
    """Attributes:
    line: counted from 1; none where the match goes over several lines.
    """

    rule: Rule
    line: int | None
    text: str


class ExpressionWrong(Exception):
    """No regular expression that could be matched in linear time."""


def check_expression(expression: str) -> None:
    """Raises:
    ExpressionWrong: it can't be compiled.
    """
    try:
        compile_validator({"pattern": _in_lines(expression)})
    except ValueError:
        raise ExpressionWrong from None


def findings(script: str, rules: Iterable[Rule]) -> list[Finding]:
    """The first place of each rule that matches."""
    return [_first(script, rule) for rule in rules if _compiled(rule.expression).is_valid(script)]


def _first(script: str, rule: Rule) -> Finding:
    compiled = _compiled(rule.expression)
    for number, line in enumerate(script.splitlines(), 1):
        if compiled.is_valid(line):
            return Finding(rule, number, line[:_MOST_SHOWN])
    return Finding(rule, None, "")


@lru_cache(maxsize=_COMPILED)
def _compiled(expression: str) -> Draft202012Validator:
    return compile_validator({"pattern": _in_lines(expression)})


def _in_lines(expression: str) -> str:
    return f"(?m)(?:{expression})"
