"""CEL's lexical level, as far as naming what an expression reads and bounding its cost needs it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_TOKEN = re.compile(
    r"""
    (?P<skip>\s+|//[^\n]*)
  | (?P<text>[bBrR]{0,2}(?:\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))
  | (?P<number>0x[0-9a-fA-F]+u?|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?[uU]?)
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<sign>&&|\|\||==|!=|<=|>=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_PLAIN_TEXT = re.compile(r"""\"[^"\\]*\"|'[^'\\]*'""")
_RESERVED = frozenset({"true", "false", "null", "in"})
MACROS = frozenset({"all", "exists", "exists_one", "map", "filter"})


@dataclass(frozen=True, slots=True)
class Token:
    kind: Literal["text", "number", "name", "sign"]
    text: str
    start: int


def tokenise(source: str) -> tuple[Token, ...]:
    """The tokens of an expression that is known to parse."""
    found: list[Token] = []
    for match in _TOKEN.finditer(source):
        match match.lastgroup:
            case "text" | "number" | "name" | "sign" as kind:
                found.append(Token(kind, match.group(), match.start()))
            case _:
                pass
    return tuple(found)


def static_paths(tokens: tuple[Token, ...]) -> frozenset[tuple[str, ...]]:
    """``a.b["c"].d`` for every name that begins such a chain; the chain ends at the first computed step.

    Names bound by macros are among them: they name nothing outside and do no harm.
    """
    return frozenset(path for _, _, path in chains(tokens))


def chains(tokens: tuple[Token, ...]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """As ``static_paths``, each where it stands: (its first token, the one behind it, path)."""
    for index, token in enumerate(tokens):
        if token.kind != "name" or token.text in _RESERVED:
            continue
        if index and tokens[index - 1].text == "." and index > 1:
            continue
        path = [token.text]
        position = index + 1
        while (step := _static_step(tokens, position)) is not None:
            name, position = step
            path.append(name)
        called = position < len(tokens) and tokens[position].text == "("
        if called:
            path.pop()
        if path:
            yield index, position, tuple(path)


def macro_names(tokens: tuple[Token, ...]) -> frozenset[str]:
    """The names that list macros bind: ``x`` in ``list.map(x, x * 2)``."""
    return frozenset(
        bound.text
        for dot, macro, opening, bound in zip(tokens, tokens[1:], tokens[2:], tokens[3:], strict=False)
        if dot.text == "." and macro.text in MACROS and opening.text == "(" and bound.kind == "name"
    )


def _static_step(tokens: tuple[Token, ...], position: int) -> tuple[str, int] | None:
    after = tokens[position : position + 3]
    if len(after) > 1 and after[0].text == "." and after[1].kind == "name":
        return after[1].text, position + 2
    if [token.text for token in after[::2]] == ["[", "]"] and _PLAIN_TEXT.fullmatch(after[1].text):
        return after[1].text[1:-1], position + 3
    return None
