"""Conditions in CEL as Standard OPS's own, as far as they compare values.

Its grammar has no precedence and no negation, so what joins comparisons is put in brackets. What compares otherwise
has no counterpart.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from kernel.expressions.interpolation import Path
from orchestrator.flow.blueking.export.variables import Variables

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>"(?:[^"\\]|\\.)*")
    | (?P<number>-?\d+(?:\.\d+)?)(?![\w.])
    | (?P<sign>&&|\|\||==|!=|>=|<=|[<>()\[\],.!])
    | (?P<word>[A-Za-z_]\w*)
    )""",
    re.VERBOSE,
)
_COMPARING = frozenset({"==", "!=", ">=", "<=", ">", "<"})
_TRUE = '(true, "true", "True")'
"""How a value that may be a text is asked whether it is true."""


class _NoCounterpart(Exception):
    pass


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def from_cel(source: str, variables: Variables) -> str | None:
    """The condition, or none when it can't be said there."""
    try:
        reader = _Reader(_tokens(source), variables)
        text, _ = reader.either()
        reader.expect_end()
    except _NoCounterpart:
        return None
    return text


def _tokens(source: str) -> list[_Token]:
    tokens, position = [], 0
    while source[position:].strip():
        found = _TOKEN.match(source, position)
        if found is None:
            raise _NoCounterpart
        kind = found.lastgroup or ""
        tokens.append(_Token(kind, found.group(kind)))
        position = found.end()
    return tokens


class _Reader:
    """Each method answers the text, and whether it joins several comparisons."""

    def __init__(self, tokens: list[_Token], variables: Variables) -> None:
        self._tokens = tokens
        self._variables = variables
        self._at = 0

    def either(self) -> tuple[str, bool]:
        return self._joined("||", "or", self._both)

    def expect_end(self) -> None:
        if self._at < len(self._tokens):
            raise _NoCounterpart

    def _both(self) -> tuple[str, bool]:
        return self._joined("&&", "and", self._single)

    def _joined(self, sign: str, word: str, part: Callable[[], tuple[str, bool]]) -> tuple[str, bool]:
        parts = [part()]
        while self._take(sign):
            parts.append(part())
        text, is_joined = parts.pop()
        # What follows belongs together there anyway; what comes before must be held together.
        while parts:
            before, held = parts.pop()
            text, is_joined = f"{f'({before})' if held else before} {word} {text}", True
        return text, is_joined

    def _single(self) -> tuple[str, bool]:
        if self._take("!"):
            return self._negated(), False
        if self._take("("):
            text, is_joined = self.either()
            self._need(")")
            return text, is_joined
        return self._comparison(negated=False), False

    def _negated(self) -> str:
        self._need("(")
        text = self._comparison(negated=True)
        self._need(")")
        return text

    def _comparison(self, *, negated: bool) -> str:
        left = self._operand()
        token = self._next()
        if token.text == "in" and token.kind == "word":
            right = self._operand()
            if right == _TRUE:
                return f"{left} == {'false' if negated else 'true'}"
            return f"{left} {'notin' if negated else 'in'} {right}"
        if token.text not in _COMPARING or negated:
            raise _NoCounterpart
        return f"{left} {token.text} {self._operand()}"

    def _operand(self) -> str:
        token = self._next()
        match token.kind:
            case "text":
                return _quoted(token.text)
            case "number":
                return token.text.removesuffix(".0")
            case "word" if token.text in {"true", "false"}:
                return token.text
            case "word" if token.text in {"string", "double"} and self._take("("):
                inner = self._reference(self._next())
                self._need(")")
                return inner
            case "word":
                return self._reference(token)
            case _ if token.text == "[":
                return self._list()
            case _:
                raise _NoCounterpart

    def _list(self) -> str:
        items = []
        while not self._take("]"):
            items.append(self._operand())
            self._take(",")
        return f"({', '.join(items)})"

    def _reference(self, token: _Token) -> str:
        if token.kind != "word":
            raise _NoCounterpart
        path: list[str | int] = [token.text]
        while (sign := self._peek()) in {".", "["}:
            self._at += 1
            step = self._next()
            if sign == "[":
                path.append(json.loads(step.text) if step.kind in {"text", "number"} else "")
                self._need("]")
            else:
                path.append(step.text)
        return self._named(tuple(path))

    def _named(self, path: Path) -> str:
        variable = self._variables.variable(path)
        if variable is None:
            raise _NoCounterpart
        return f"${{{variable}}}"

    def _next(self) -> _Token:
        if self._at >= len(self._tokens):
            raise _NoCounterpart
        self._at += 1
        return self._tokens[self._at - 1]

    def _peek(self) -> str:
        return self._tokens[self._at].text if self._at < len(self._tokens) else ""

    def _take(self, sign: str) -> bool:
        found = self._peek() == sign
        self._at += found
        return found

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            raise _NoCounterpart


def _quoted(literal: str) -> str:
    text = json.loads(literal)
    if '"' in text or "\\" in text or "${" in text:
        raise _NoCounterpart
    return json.dumps(text, ensure_ascii=False)
