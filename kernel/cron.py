"""When a rule of cron is due. Pure.

Where clocks are changed, as Debian's cron has it: a rule that names minutes and hours is due once for each local time
that it names; a time that the clocks skip is due right after the gap, one that comes twice is due the first time. A
rule whose minutes or hours begin with `*` goes by the time that passes.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from heapq import heappop, heappush
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

LONGEST: Final = 200
_FIELDS: Final = 5
_LONGEST_CHANGE: Final = timedelta(hours=3)
"""Clocks are set by less at once, leaps over the date line apart."""


class CronWrong(Exception):
    """The rule can't be read; the text says why, as in `has not five fields`."""


@lru_cache(maxsize=1)
def time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def check_rule(rule: str) -> None:
    """Raises:
    CronWrong: it is none.
    """
    if len(rule) > LONGEST or len(rule.split()) != _FIELDS:
        raise CronWrong("has not five fields")
    try:
        CronSim(rule, datetime(2026, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise CronWrong(f"can't be read: {str(error).lower()}") from None


def times_after(rule: str, zone: ZoneInfo, moment: datetime) -> Iterator[datetime]:
    """Every time after `moment`, in UTC: what the rule names on the clock on the wall, turned into moments."""
    by_passing = any(field.startswith("*") for field in rule.split()[:2])
    ahead: list[datetime] = []
    last = moment
    for shown in CronSim(rule, _begin(zone, moment)):
        found = _moments(shown, zone, by_passing=by_passing)
        while ahead and (not found or ahead[0] < found[0]):
            due = heappop(ahead)
            if due > last:
                yield due
                last = due
        for each in found:
            heappush(ahead, each)


def _begin(zone: ZoneInfo, moment: datetime) -> datetime:
    """On the clock on the wall, so far back that nothing is passed over where it is changed nearby."""
    shown, earlier, later = (
        (moment + change).astimezone(zone) for change in (timedelta(0), -_LONGEST_CHANGE, _LONGEST_CHANGE)
    )
    calm = earlier.utcoffset() == shown.utcoffset() == later.utcoffset()
    return (shown if calm else earlier).replace(tzinfo=None)


def _moments(shown: datetime, zone: ZoneInfo, *, by_passing: bool) -> list[datetime]:
    """When the clock on the wall shows this: once, twice where it is set back, never where it skips it."""
    first, second = (shown.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    exists = first.astimezone(zone).replace(tzinfo=None) == shown
    if by_passing:
        return sorted({first, second}) if exists else []
    # In a gap, the two readings are the offset before and the one after it: the clocks jump between.
    return [first] if exists else [_after_gap(first, second, zone)]


def _after_gap(first: datetime, second: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which the clocks jump over the time that these two readings stand for."""
    low, high = min(first, second), max(first, second)
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
    return high.replace(microsecond=0)
