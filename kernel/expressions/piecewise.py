"""Lists that an expression maps and filters, a part at a time.

The library copies what a ``map`` or ``filter`` has made so far at each of its steps, so that a list takes time by the
square of its length. Both do to a list what they do to its parts: where nothing else stands in an expression, long
lists are gone through in short parts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import cel

from kernel.expressions.tokens import Token, chains

PART: Final = 16
"""Entries that are gone through at once: with fewer the beginning of each part costs more than its copies."""

_COPYING: Final = frozenset({"map", "filter"})


@dataclass(frozen=True, slots=True)
class Piecewise:
    """An expression that is ``list.filter(…).map(…)``, in any number and order, and has no further macro inside.

    Attributes:
        path: where the list stands.
        name: what a part of it is called in the program.
        program: the expression about a part, compiled.
        reads: the first names of what it reads besides.
    """

    path: tuple[str, ...]
    name: str
    program: Any
    reads: frozenset[str]

    def entries(self, values: Mapping[str, Any]) -> Sequence[Any] | None:
        """The list, if it stands there."""
        found: Any = values
        for step in self.path:
            found = found.get(step) if isinstance(found, Mapping) else None
        return found if isinstance(found, list) else None

    def value(self, entries: Sequence[Any], beside: Mapping[str, Any]) -> list[Any]:
        """What the expression makes of the list.

        Args:
            beside: values of `reads`.
        """
        made: list[Any] = []
        for start in range(0, len(entries), PART):
            made += self.program.execute({**beside, self.name: entries[start : start + PART]})
        return made


def piecewise(source: str, tokens: tuple[Token, ...], degree: int) -> Piecewise | None:
    """How an expression goes through a list by parts, if it does.

    Args:
        degree: its macros, as `kernel.expressions.cost.macro_degree` counts them.
    """
    first = next(chains(tokens), None)
    if first is None or first[0] != 0:
        return None
    _, end, path = first
    behind = _behind_list(tokens, end)
    if behind is None or _macros_in_a_row(tokens, behind) != degree:
        return None
    name = "part"
    while name in source:
        name += "_"
    reads = frozenset(path[0] for _, _, path in chains(tokens[behind + 2 :]))
    return Piecewise(path, name, cel.compile(name + source[tokens[behind].start :]), reads)


def copies(tokens: tuple[Token, ...]) -> bool:
    """Whether an expression has a macro that makes a list."""
    return any(
        dot.text == "." and macro.text in _COPYING and opening.text == "("
        for dot, macro, opening in zip(tokens, tokens[1:], tokens[2:], strict=False)
    )


def _behind_list(tokens: tuple[Token, ...], end: int) -> int | None:
    """The point before the first macro; the chain of a name ends with what is called."""
    dot = end - 2
    return dot if dot > 0 and end < len(tokens) and tokens[end].text == "(" and tokens[dot].text == "." else None


def _macros_in_a_row(tokens: tuple[Token, ...], position: int) -> int:
    """How many there are from a point to the end of the expression; -1 where something else stands between."""
    found = 0
    for opening, closing in _groups(tokens, position):
        before = [token.text for token in tokens[opening - 2 : opening]]
        if opening != position + 2 or before[0] != "." or before[1] not in _COPYING:
            return -1
        found, position = found + 1, closing + 1
    return found if found and position == len(tokens) else -1


def _groups(tokens: tuple[Token, ...], position: int) -> Iterator[tuple[int, int]]:
    """Where brackets open and close that stand in no others."""
    depth = opened = 0
    for index in range(position, len(tokens)):
        text = tokens[index].text
        if text in "([{":
            opened = index if depth == 0 else opened
            depth += 1
        elif text in ")]}":
            depth -= 1
            if depth == 0:
                yield opened, index
