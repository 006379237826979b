"""An upper bound on what evaluating a CEL expression can cost, known before it runs."""

from typing import Any

from kernel.expressions.errors import ExpressionRefused
from kernel.expressions.tokens import MACROS, Token

MAX_VALUE_DEPTH = 64
TEXT_UNIT = 64
"""Characters that count as one value."""
_INT_MIN, _INT_MAX = -(2**63), 2**63 - 1
_SEPARATORS = frozenset({"&&", "||", "==", "!=", "<", "<=", ">", ">=", "?", ":", ",", "+", "-", "*", "/", "%", "in"})


def macro_degree(tokens: tuple[Token, ...]) -> int:
    """How many list macros stand inside or behind one another; the cost is at most (values + tokens) to this power."""
    degree, _ = _group_degree(tokens, 0)
    return degree


def _group_degree(tokens: tuple[Token, ...], position: int) -> tuple[int, int]:
    best = current = 0
    while position < len(tokens):
        text = tokens[position].text
        if text in ")]}":
            return max(best, current), position + 1
        if text in "([{":
            after_macro = position > 1 and tokens[position - 1].text in MACROS and tokens[position - 2].text == "."
            inner, position = _group_degree(tokens, position + 1)
            current += inner + after_macro
            continue
        if text in _SEPARATORS:
            best, current = max(best, current), 0
        position += 1
    return max(best, current), position


def weigh(value: Any, source: str) -> int:
    """The number of values handed to an expression, long texts counted by their length.

    Raises:
        ExpressionRefused: a whole number beyond 64 bit, nesting past ``MAX_VALUE_DEPTH``, or what JSON has no form for.
    """
    total = 0
    pending = [(value, 0)]
    while pending:
        item, depth = pending.pop()
        total += 1
        if isinstance(item, str):
            total += len(item) // TEXT_UNIT
        elif isinstance(item, (dict, list, tuple)):
            if depth > MAX_VALUE_DEPTH:
                raise ExpressionRefused(f"a value is nested deeper than {MAX_VALUE_DEPTH} levels", text=source)
            if isinstance(item, dict):
                total += sum(map(len, item)) // TEXT_UNIT
            pending.extend((inner, depth + 1) for inner in (item.values() if isinstance(item, dict) else item))
        elif isinstance(item, int):
            if not _INT_MIN <= item <= _INT_MAX:
                raise ExpressionRefused(f"the whole number {item} is beyond 64 bit", text=source)
        elif item is not None and not isinstance(item, float):
            raise ExpressionRefused(f"a value of type {type(item).__name__} cannot be compared", text=source)
    return total
