"""How large what an expression makes may become: for CEL an upper bound that is known before it runs."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from kernel.expressions.tokens import Token, chains

MAX_SIZE: Final = 16_000_000
"""Characters of what an expression or a template gives, names among them; what is no text counts as `_OTHER`."""
MAX_MADE: Final = 64_000_000
"""The same of everything that is made on the way there, as estimated before."""
_OTHER: Final = 8


@dataclass(frozen=True, slots=True)
class Use:
    """Where an expression names a value.

    Attributes:
        repeats: how many bodies of ``map`` it stands in: each makes it as often as a list is long.
        is_bound: a macro binds the name: it is part of what another use names.
        is_part: one entry of it, chosen as the expression runs.
    """

    path: tuple[str, ...]
    repeats: int
    is_bound: bool
    is_part: bool


def uses_in(tokens: tuple[Token, ...], macro_names: Collection[str]) -> tuple[Use, ...]:
    repeats = list(_repeats(tokens))
    return tuple(
        Use(
            path,
            repeats[begin],
            path[0] in macro_names,
            end < len(tokens) and tokens[end].text == "[",
        )
        for begin, end, path in chains(tokens)
    )


def _repeats(tokens: tuple[Token, ...]) -> Iterator[int]:
    """Of each token, how many bodies of ``map`` it stands in."""
    opened: list[bool] = []
    for position, token in enumerate(tokens):
        if token.text in ")]}" and opened:
            opened.pop()
        yield sum(opened)
        if token.text in "([{":
            before = [each.text for each in tokens[max(0, position - 2) : position]]
            opened.append(token.text == "(" and before == [".", "map"])


def most_made(uses: Collection[Use], tokens: tuple[Token, ...], values: Mapping[str, Any]) -> int:
    """The characters an expression can make at most, those it holds itself included, in the measure of ``MAX_SIZE``."""
    sums = 1 + sum(token.text == "+" for token in tokens)
    rounds = (_longest(values) + len(tokens)) * sums
    made: int = sum(len(token.text) * rounds**times for token, times in zip(tokens, _repeats(tokens), strict=True))
    for use in uses:
        if use.is_bound:
            made += size_of(values, MAX_MADE) * rounds ** max(0, use.repeats - 1)
        else:
            made += _size_at(use, values) * rounds**use.repeats
        if made > MAX_MADE:
            break
    return made


def size_of(value: Any, most: int = MAX_SIZE) -> int:
    """In the measure of ``MAX_SIZE``; counting ends beyond ``most``, however often parts of it stand in one another."""
    total, pending = 0, [value]
    while pending and total <= most:
        item = pending.pop()
        if isinstance(item, str):
            total += len(item)
        elif isinstance(item, Mapping):
            total += _OTHER + sum(map(len, item))
            pending.extend(item.values())
        elif isinstance(item, (list, tuple)):
            total += _OTHER
            pending.extend(item)
        else:
            total += _OTHER
    return total


def _size_at(use: Use, values: Mapping[str, Any]) -> int:
    found: Any = values
    for step in use.path:
        if not isinstance(found, Mapping):
            break
        found = found.get(step)
    if not use.is_part or not isinstance(found, (Mapping, list, tuple)):
        return size_of(found, MAX_MADE)
    parts = found.values() if isinstance(found, Mapping) else found
    return max((size_of(part, MAX_MADE) for part in parts), default=0)


def _longest(value: Any) -> int:
    """Entries of the longest list or object."""
    longest, pending = 0, [value]
    while pending:
        item = pending.pop()
        if isinstance(item, (Mapping, list, tuple)):
            longest = max(longest, len(item))
            pending.extend(item.values() if isinstance(item, Mapping) else item)
    return longest
