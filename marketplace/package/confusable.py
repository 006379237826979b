"""Names that people take for one another. Pure.

Two names are confusable when they look alike (`0` and `o`, `1`, `l` and `i`, `rn` and `m`, with or without
underscores), or when one slip of the keyboard makes one of the other: a letter too many, missing, wrong, or swapped
with the next. Numbers tell names apart: `disk_1` and `disk_2` are not confusable.
"""

from collections.abc import Iterable
from functools import lru_cache

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
    return (min(len(one), len(other)) >= _SHORTEST and one_slip(one, other)) or _shape(one) == _shape(other)


@lru_cache(maxsize=65_536)
def _shape(name: str) -> str:
    shape = name
    for pair, single in _DOUBLE:
        shape = shape.replace(pair, single)
    return shape.translate(_SINGLE)


def one_slip(one: str, other: str) -> bool:
    """Whether one letter too many, missing, wrong or swapped with the next makes one of the other."""
    if abs(len(one) - len(other)) > 1:
        return False
    # Most names differ early, so that hardly anything of them is looked at.
    place = next(
        (index for index, (left, right) in enumerate(zip(one, other, strict=False)) if left != right),
        min(len(one), len(other)),
    )
    if len(one) == len(other):
        left, right = one[place : place + 2], other[place : place + 2]
        if one[place + 1 :] == other[place + 1 :]:
            return left != right and not (left[:1].isdigit() and right[:1].isdigit())
        return left == right[::-1] and one[place + 2 :] == other[place + 2 :]
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    return longer[place + 1 :] == shorter[place:] and not longer[place].isdigit()
