"""Conditions in CEL (https://cel.dev, evaluated by ``common-expression-language``), with bounds on size and cost.

Whole numbers are 64 bit in CEL: a larger one is refused rather than silently made inexact. Only the variables an
expression names are handed over, and of ``nodes`` only the nodes it names, so a condition costs what it looks at.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cel

from kernel.expressions.cost import MAX_VALUE_DEPTH, TEXT_UNIT, macro_degree, weigh
from kernel.expressions.errors import ExpressionError, ExpressionRefused, ExpressionSyntaxError, UnknownReference
from kernel.expressions.growth import MAX_MADE, MAX_SIZE, Use, most_made, size_of, uses_in
from kernel.expressions.piecewise import PART, Piecewise, copies, piecewise
from kernel.expressions.tokens import Token, chains, macro_names, static_paths, tokenise

MAX_SOURCE = 4_096
"""Characters of an expression."""
MAX_COST = 2_000_000
"""Bound on the number of element visits, estimated before evaluation."""
MAX_COPIED = 20_000_000
"""The same of values that are copied while lists are made: a second's work."""
_OF_A_PART = 128
_OF_ALL_BESIDE = 32
"""Of a list that is gone through in parts, what a value costs at all, and in each part one that it reads besides."""

_SELECTING = frozenset({"&&", "||", "?", "has"})
"""With these an expression may have a value though a name in it has none."""

_AT = re.compile(r"<input>:(\d+):(\d+): *(.*)")
_SENTENCE = re.compile(r"\. |\n")
_LIBRARY_ERRORS = (ValueError, TypeError, RuntimeError, LookupError, ArithmeticError)
_QUOTED = re.compile(r"'([^']*)'")


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled expression.

    Attributes:
        paths: the names it reads, as far as they stand in the text; those bound by its own macros too.
        macro_names: the names its macros bind.
        reads: the first names of `paths`, each with the names below that are read, or None where it is read whole.
        whole: the path, where the expression is nothing else.
        copies: whether it makes lists.
        piecewise: how it goes through a list by parts, if it does.
    """

    source: str
    paths: frozenset[tuple[str, ...]]
    macro_names: frozenset[str]
    tokens: tuple[Token, ...]
    uses: tuple[Use, ...]
    degree: int
    program: Any
    reads: tuple[tuple[str, frozenset[str] | None], ...]
    whole: tuple[str, ...] | None
    copies: bool
    piecewise: Piecewise | None

    @property
    def always_read(self) -> frozenset[tuple[str, ...]]:
        """The paths it reads whatever the values are: none of an expression that may leave a part of itself out."""
        selects = bool(self.macro_names) or any(token.text in _SELECTING for token in self.tokens)
        return frozenset() if selects else self.paths

    def value(self, values: Mapping[str, Any]) -> Any:
        """The expression's value.

        Raises:
            UnknownReference: a name it reads has no value.
            ExpressionRefused: values or cost past a bound, or an operation not defined for the types met.
        """
        seen = self._visible(values)
        weight = weigh(seen, self.source) + len(self.tokens)
        entries = self.piecewise.entries(seen) if self.piecewise is not None else None
        self._check_cost(seen, weight, entries)
        self._check_growth(seen, weight)
        try:
            value = self._executed(seen, entries)
        except _LIBRARY_ERRORS as error:
            raise self._translated(error) from None
        except BaseException as error:
            if (
                type(error).__module__ == "pyo3_runtime"
            ):  # a panic inside the library; anything else is not ours to stop
                raise ExpressionRefused("the expression cannot be evaluated", text=self.source) from None
            raise
        if not isinstance(value, bool | int | float) and size_of(value) > MAX_SIZE:
            raise self._too_large()
        return value

    def holds(self, values: Mapping[str, Any]) -> bool:
        """The value of an expression that must be true or false.

        Raises:
            ExpressionRefused: it is neither; and as ``value``.
        """
        result = self._named(values)
        if result is None:
            result = self.value(values)
        if not isinstance(result, bool):
            raise ExpressionRefused(
                f"a condition must be true or false, this is {_type_name(result)}", text=self.source
            )
        return result

    def _named(self, values: Mapping[str, Any]) -> bool | None:
        """What the path leads to, where the expression is a path and it leads to true or false: nothing to evaluate."""
        found: Any = values if self.whole is not None else None
        for name in self.whole or ():
            found = found.get(name) if isinstance(found, Mapping) else None
        return found if isinstance(found, bool) else None

    def _executed(self, seen: Mapping[str, Any], entries: Sequence[Any] | None) -> Any:
        if self.piecewise is None or entries is None:
            return self.program.execute(seen)
        return self.piecewise.value(entries, _beside(self.piecewise, seen))

    def _check_cost(self, seen: Mapping[str, Any], weight: int, entries: Sequence[Any] | None) -> None:
        """Raises ExpressionRefused where evaluating would keep everybody else waiting."""
        if self.piecewise is not None and entries is not None:
            beside = weigh(_beside(self.piecewise, seen), self.source) * (len(entries) // PART + 1)
            is_bounded = weight * _OF_A_PART + beside * _OF_ALL_BESIDE <= MAX_COPIED
        else:
            is_bounded = weight ** max(self.degree, 1) <= MAX_COST
            is_bounded &= not self.copies or weight ** (self.degree + 1) <= MAX_COPIED
        if not is_bounded:
            raise ExpressionRefused("the expression would visit too many values", text=self.source)

    def _check_growth(self, seen: Mapping[str, Any], weight: int) -> None:
        """Raises ExpressionRefused where more could be made than there is memory for; mostly nothing is near that."""
        plainly = weight * (TEXT_UNIT * len(self.uses) + len(self.source)) * weight**self.degree
        if plainly > MAX_MADE and most_made(self.uses, self.tokens, seen) > MAX_MADE:
            raise self._too_large()

    def _too_large(self) -> ExpressionRefused:
        return ExpressionRefused(f"the expression could give more than {MAX_SIZE} characters", text=self.source)

    def _visible(self, values: Mapping[str, Any]) -> dict[str, Any]:
        seen: dict[str, Any] = {}
        for root, below in self.reads:
            if root not in values:
                continue
            value = values[root]
            if below is None or not isinstance(value, Mapping):
                seen[root] = value
            else:
                seen[root] = {name: value[name] for name in below if name in value}
        return seen

    def _translated(self, error: Exception) -> ExpressionError:
        message = str(error)
        if isinstance(error, KeyError):
            name = str(error.args[0]) if error.args else "?"
            return UnknownReference(f"{name!r} has no value", text=self.source, position=self._position_of(name))
        if isinstance(error, RuntimeError) and message.startswith("Undefined"):
            quoted = _QUOTED.search(message)
            name = quoted.group(1) if quoted else "?"
            problem = f"{name!r} is neither a value nor a function"
            return UnknownReference(problem, text=self.source, position=self._position_of(name))
        return ExpressionRefused(_SENTENCE.split(message, maxsplit=1)[0], text=self.source)

    def _position_of(self, name: str) -> int:
        plain = name.strip("'\"")
        return next((token.start for token in self.tokens if token.text.strip("'\"") == plain), 0)


@lru_cache(maxsize=4_096)
def compile_condition(source: str) -> Condition:
    """Reads an expression once; the same text gives the same object.

    Raises:
        ExpressionSyntaxError: with the character where reading stopped.
        ExpressionRefused: longer than ``MAX_SOURCE``.
    """
    if len(source) > MAX_SOURCE:
        raise ExpressionRefused(f"longer than {MAX_SOURCE} characters", text=source[:80], position=MAX_SOURCE)
    if not source.strip():
        raise ExpressionSyntaxError("the expression is empty", text=source)
    try:
        program = cel.compile(source)
    except ValueError as error:
        raise _syntax_error(source, str(error)) from None
    tokens = tokenise(source)
    paths, names = static_paths(tokens), macro_names(tokens)
    uses = uses_in(tokens, names)
    whole = next((path for start, end, path in chains(tokens) if (start, end) == (0, len(tokens))), None)
    degree = macro_degree(tokens)
    return Condition(
        source, paths, names, tokens, uses, degree, program, _reads(paths), whole, copies(tokens),
        piecewise(source, tokens, degree),
    )  # fmt: skip


def evaluate(source: str, values: Mapping[str, Any]) -> Any:
    """The value of an expression; errors as ``compile_condition`` and ``Condition.value``."""
    return compile_condition(source).value(values)


def holds(source: str, values: Mapping[str, Any]) -> bool:
    """Whether a condition is true; errors as ``compile_condition`` and ``Condition.holds``."""
    return compile_condition(source).holds(values)


def _reads(paths: frozenset[tuple[str, ...]]) -> tuple[tuple[str, frozenset[str] | None], ...]:
    return tuple(
        (root, None if (root,) in paths else frozenset(path[1] for path in paths if path[0] == root))
        for root in {path[0] for path in paths}
    )


def _beside(parts: Piecewise, seen: Mapping[str, Any]) -> dict[str, Any]:
    return {name: seen[name] for name in parts.reads if name in seen}


def _syntax_error(source: str, message: str) -> ExpressionSyntaxError:
    at = _AT.search(message)
    if at is None:
        return ExpressionSyntaxError("the expression cannot be read", text=source)
    line, column, reason = int(at.group(1)), int(at.group(2)), at.group(3)
    before = source.split("\n")[: line - 1]
    position = sum(len(text) + 1 for text in before) + column - 1
    reason = reason.removeprefix("Syntax error: ").split(" expecting ")[0]
    return ExpressionSyntaxError(reason, text=source, position=min(position, len(source)))


def _type_name(value: Any) -> str:
    if value is None:
        return "null"
    return {"int": "a whole number", "float": "a number", "str": "a text", "list": "a list", "dict": "an object"}.get(
        type(value).__name__, type(value).__name__
    )


__all__ = ["MAX_COST", "MAX_SOURCE", "MAX_VALUE_DEPTH", "Condition", "compile_condition", "evaluate", "holds"]
