"""Names that people take for one another. Pure.

Two names are confusable when they look alike (`0` and `o`, `1`, `l` and `i`, `rn` and `m`, with or without
underscores), or when one slip of the keyboard makes one of the other: a letter too many, missing, wrong, or swapped
with the next. Numbers tell names apart: `disk_1` and `disk_2` are not confusable.
"""

from collections.abc import Iterable
from functools import lru_cache
from itertools import combinations

_SINGLE = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "8": "b", "_": None, "-": None})
_DOUBLE = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_SHORTEST = 6
"""Below that, one letter is too large a part of a name to be a slip."""
_LONGEST_DIFFERENCE = 8
"""How much longer underscores, and pairs that look like one letter, make a name at most before everybody sees it."""


def confusable_with(name: str, others: Iterable[str]) -> str | None:
    """The first of `others` that `name` may be taken for, itself not counted."""
    return next((other for other in others if other != name and are_confusable(name, other)), None)


def are_confusable(one: str, other: str) -> bool:
    if abs(len(one) - len(other)) > _LONGEST_DIFFERENCE:
        return False
    return _shape(one) == _shape(other) or (min(len(one), len(other)) >= _SHORTEST and _one_slip(one, other))


@lru_cache(maxsize=65_536)
def _shape(name: str) -> str:
    shape = name
    for pair, single in _DOUBLE:
        shape = shape.replace(pair, single)
    return shape.translate(_SINGLE)


def _one_slip(one: str, other: str) -> bool:
    if len(one) == len(other):
        wrong = [index for index, (left, right) in enumerate(zip(one, other, strict=True)) if left != right]
        if len(wrong) == 1:
            return not (one[wrong[0]].isdigit() and other[wrong[0]].isdigit())
        return any(
            wrong == [left, right] and right == left + 1 and one[left] == other[right] and one[right] == other[left]
            for left, right in combinations(wrong[:2], 2)
        )
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    if len(longer) - len(shorter) != 1:
        return False
    place = next((index for index, letter in enumerate(shorter) if longer[index] != letter), len(shorter))
    return longer[place + 1 :] == shorter[place:] and not longer[place].isdigit()
