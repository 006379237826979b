"""How long things took, so that days can be added up and asked for percentiles: counts in buckets that grow. Pure."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

_SHORTEST: Final = 0.001
_GROWTH: Final = 1.1
"""A percentile is off by 5 % at most."""
_LOG: Final = math.log(_GROWTH)

Durations = Mapping[str, int]
"""Bucket → how many; keys as JSON has them."""


def bucket_of(seconds: float) -> str:
    """The bucket that a duration belongs to; what is shorter than a millisecond counts as that."""
    if seconds <= _SHORTEST:
        return "0"
    return str(1 + math.floor(math.log(seconds / _SHORTEST) / _LOG))


def gathered(seconds: Iterable[float]) -> dict[str, int]:
    return dict(Counter(map(bucket_of, seconds)))


def added(every: Iterable[Durations]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for durations in every:
        total.update(durations)
    return dict(total)


def percentile(durations: Durations, share: float) -> float | None:
    """The seconds that `share` of them did not exceed; none where there are no durations."""
    total = sum(durations.values())
    if total == 0:
        return None
    wanted = max(1, math.ceil(share * total))
    buckets = sorted((int(bucket), count) for bucket, count in durations.items())
    seen = 0
    for bucket, count in buckets:
        seen += count
        if seen >= wanted:
            return _middle(bucket)
    return _middle(buckets[-1][0])


def _middle(bucket: int) -> float:
    if bucket == 0:
        return _SHORTEST
    return float(_SHORTEST * _GROWTH ** (bucket - 0.5))
