"""Conditions of branches, in the grammar of boolrule after Mako, as CEL.

``expression := operand [operator operand] [("and" | "or") expression]``: without precedence, so that ``a and b or c``
is ``a and (b or c)``. Bare words are texts. Where a number stands on either side both are compared as numbers, else as
texts; BlueKing cuts 1.5 to 1 when the other side is whole, which is not followed.
"""

import json
import re
from dataclasses import dataclass

from orchestrator.flow.blueking.inner_paths import NoSuchMember
from orchestrator.flow.blueking.names import Names, Place, Unknown

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<reference>\$\{[^${}]+\})
    | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<number>-?\d+(?:\.\d+)?(?![\w.]))
    | (?P<sign>==|!=|>=|<=|>|<|\(|\)|,|\*)
    | (?P<word>[^\s()=!<>,"'$]+)
    )""",
    re.VERBOSE,
)
_PATH = re.compile(r"\$\{\s*(_system\.\w+|\w+)((?:\.\w+|\[\d+\]|\[\"[^\"]*\"\]|\['[^']*'\])*)\s*\}")
_ORDERING = frozenset({"<", ">", "<=", ">="})
_OPERATORS = _ORDERING | {"==", "!=", "in", "notin", "issuperset", "notissuperset"}


class NotConverted(Exception):
    """The text is outside the grammar, or names what has no counterpart; ``position`` is the character."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class _Operand:
    """``kind``: reference, text, number, flag or list; ``cel`` as it stands, ``items`` of a list."""

    kind: str
    cel: str
    items: tuple["_Operand", ...] = ()

    def as_text(self) -> str:
        return self.cel if self.kind == "text" else f"string({self.cel})"

    def as_number(self) -> str:
        if self.kind == "number":
            return self.cel if "." in self.cel else f"{self.cel}.0"
        return f"double({self.cel})"


def to_cel(source: str, names: Names) -> str:
    """A condition as CEL.

    Raises:
        NotConverted: with the character where it could not go on.
    """
    parser = _Parser(_tokens(source), names, len(source))
    expression = parser.expression()
    parser.expect_end()
    return expression


def _tokens(source: str) -> list[_Token]:
    tokens = []
    position = 0
    while source[position:].strip():
        found = _TOKEN.match(source, position)
        if found is None:
            start = position + len(source[position:]) - len(source[position:].lstrip())
            raise NotConverted(f"{source[start]!r} is not understood", start)
        kind = found.lastgroup or ""
        tokens.append(_Token(kind, found.group(kind), found.start(kind)))
        position = found.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[_Token], names: Names, end: int) -> None:
        self._tokens = tokens
        self._names = names
        self._end = end
        self._at = 0

    def expression(self) -> str:
        left = self._comparison()
        word = self._peek()
        if word is None or word.kind != "word" or word.text not in {"and", "or"}:
            return left
        self._at += 1
        return f"{left} {'&&' if word.text == 'and' else '||'} {_bracketed(self.expression())}"

    def expect_end(self) -> None:
        left = self._peek()
        if left is not None:
            raise NotConverted(f"{left.text!r} is not expected here", left.start)

    def _comparison(self) -> str:
        first = self._peek()
        if first is not None and first.text == "*":
            self._at += 1
            return "true"
        if first is not None and first.text == "(" and not self._is_list():
            self._at += 1
            inner = self.expression()
            self._take(")")
            return f"({inner})"
        left = self._operand()
        sign = self._peek()
        if sign is None or sign.text not in _OPERATORS or sign.kind == "text":
            if left.kind == "list":
                raise NotConverted("a list is neither true nor false", 0 if first is None else first.start)
            return _is_true(left)
        self._at += 1
        return _compared(left, sign, self._operand())

    def _is_list(self) -> bool:
        """Whether the bracket at hand holds a list: operands and commas, nothing that compares."""
        depth = 0
        for token in self._tokens[self._at :]:
            if token.kind == "sign" and token.text in {"(", ")"}:
                depth += 1 if token.text == "(" else -1
                if depth == 0:
                    return True
            elif token.kind != "text" and (token.text in _OPERATORS or token.text in {"and", "or"}):
                return False
        return False

    def _operand(self) -> _Operand:
        token = self._peek()
        if token is None:
            raise NotConverted("a value is missing", self._end)
        self._at += 1
        match token.kind:
            case "reference":
                return self._reference(token)
            case "text":
                return self._quoted(token)
            case "number":
                return _Operand("number", token.text)
            case "word" if token.text.lower() in {"true", "false"}:
                return _Operand("flag", token.text.lower())
            case "word":
                return _Operand("text", json.dumps(token.text, ensure_ascii=False))
            case _ if token.text == "(":
                return self._list()
            case _:
                raise NotConverted(f"{token.text!r} is not expected here", token.start)

    def _list(self) -> _Operand:
        items = []
        while (token := self._peek()) is not None and token.text != ")":
            items.append(self._operand())
            if (comma := self._peek()) is not None and comma.text == ",":
                self._at += 1
        self._take(")")
        return _Operand("list", "", tuple(items))

    def _quoted(self, token: _Token) -> _Operand:
        inner = token.text[1:-1]
        whole = _PATH.fullmatch(inner)
        if whole is not None:
            return _Operand("text", f"string({self._reference(_Token('reference', inner, token.start + 1)).cel})")
        if "${" in inner:
            raise NotConverted("a variable inside a longer text is not understood", token.start)
        return _Operand("text", json.dumps(inner, ensure_ascii=False))

    def _reference(self, token: _Token) -> _Operand:
        found = _PATH.fullmatch(token.text)
        if found is None:
            raise NotConverted("is an expression: compute it in an expression node", token.start)
        name, rest = found.groups()
        match self._names.meaning(name):
            case Place() as meant:
                try:
                    return _Operand("reference", meant.cel() + self._names.member(name, rest))
                except NoSuchMember as error:
                    raise NotConverted(str(error), token.start) from None
            case Unknown(reason):
                raise NotConverted(reason, token.start)

    def _take(self, sign: str) -> None:
        token = self._peek()
        if token is None or token.text != sign:
            raise NotConverted(f"{sign!r} is missing", self._end if token is None else token.start)
        self._at += 1

    def _peek(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None


def _compared(left: _Operand, sign: _Token, right: _Operand) -> str:
    listed = {"issuperset": (left, right), "notissuperset": (left, right), "in": (right,), "notin": (right,)}
    if any(operand.kind not in {"list", "reference"} for operand in listed.get(sign.text, ())):
        raise NotConverted(f"a list is needed for {sign.text}", sign.start)
    if sign.text in {"in", "notin"} and left.kind == "list":
        raise NotConverted(f"a list can't be compared by {sign.text}", sign.start)
    if sign.text in {"issuperset", "notissuperset"}:
        held = f"{_set(right)}.all(each, each in {_set(left)})"
        return held if sign.text == "issuperset" else f"!{held}"
    if sign.text in {"in", "notin"}:
        held = _contained(left, right)
        return held if sign.text == "in" else f"!({held})"
    if "list" in {left.kind, right.kind}:
        raise NotConverted(f"a list can't be compared by {sign.text}", sign.start)
    if "flag" in {left.kind, right.kind}:
        flag, other = (left, right) if left.kind == "flag" else (right, left)
        held = _is_true(other) if flag.cel == "true" else f"!({_is_true(other)})"
        return held if sign.text == "==" else f"!({held})"
    if "number" in {left.kind, right.kind} or sign.text in _ORDERING:
        return f"{left.as_number()} {sign.text} {right.as_number()}"
    return f"{left.as_text()} {sign.text} {right.as_text()}"


def _contained(left: _Operand, right: _Operand) -> str:
    if right.kind != "list":
        return f"{left.as_text()} in {right.cel}"
    if any(item.kind == "number" for item in right.items):
        return f"{left.as_number()} in [{', '.join(item.as_number() for item in right.items)}]"
    return f"{left.as_text()} in {_set(right)}"


def _set(operand: _Operand) -> str:
    if operand.kind != "list":
        return operand.cel
    return f"[{', '.join(item.as_text() for item in operand.items)}]"


def _is_true(operand: _Operand) -> str:
    if operand.kind == "flag":
        return operand.cel
    return f'{operand.cel} in [true, "true", "True"]'


def _bracketed(expression: str) -> str:
    return f"({expression})" if "&&" in expression or "||" in expression else expression
