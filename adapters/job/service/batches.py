"""Rolling execution: hosts in batches, one after the other."""

import math
import re
from collections.abc import Sequence
from enum import IntEnum

_PART = re.compile(r"(\d{1,6})(%?)")
_MOST_PARTS = 50


class RollingMode(IntEnum):
    """What follows a batch in which a host failed."""

    NONE = 0
    PAUSE = 1
    GO_ON = 2


class ExpressionWrong(Exception):
    """The sizes of batches can't be read; the text says why."""


def batches_of(expression: str, hosts: int) -> Sequence[int]:
    """The batch of each host, counted from 0: `1 10% 50%` is one host, a tenth of all, then halves to the end.

    Raises:
        ExpressionWrong: no list of numbers of hosts and percentages of all.
    """
    parts = expression.replace(",", " ").split()
    if not 0 < len(parts) <= _MOST_PARTS:
        raise ExpressionWrong(f"has no size of a batch, or more than {_MOST_PARTS}")
    sizes = [_size(part, hosts) for part in parts]
    batches: list[int] = []
    number = 0
    while len(batches) < hosts:
        batches += [number] * sizes[min(number, len(sizes) - 1)]
        number += 1
    return batches[:hosts]


def _size(part: str, hosts: int) -> int:
    found = _PART.fullmatch(part)
    if found is None or int(found[1]) == 0:
        raise ExpressionWrong(f"{part} is neither a number of hosts nor a percentage, from 1 on")
    number = int(found[1])
    return max(1, math.ceil(hosts * number / 100)) if found[2] else number
