"""When a schedule is due, and which of the times that have passed are made good. Pure.

Where clocks are changed, as Debian's cron has it: a rule that names minutes and hours is due once for each local time
that it names; a time that the clocks skip is due right after the gap, one that comes twice is due the first time. A
rule whose minutes or hours begin with `*` goes by the time that passes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from heapq import heappop, heappush
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from kernel.errors import Invalid

GRACE: Final = timedelta(seconds=60)
"""A start that comes later than this was missed."""
MOST_MADE_GOOD: Final = 20
"""Of the missed runs that are all made good, the newest."""

_FIELDS: Final = 5
_LONGEST_CHANGE: Final = timedelta(hours=3)
"""Clocks are set by less at once, leaps over the date line apart."""
_MOST_COUNTED: Final = 2000
_LONGEST_CRON: Final = 200


class Missed(StrEnum):
    """What becomes of runs that were due while nobody could start them."""

    SKIP = "skip"
    RUN_ONCE = "run_once"
    RUN_ALL = "run_all"


@dataclass(frozen=True, slots=True)
class Times:
    """Attributes:
    cron: five fields; none is due once, at `start_at`.
    zone: name of the time zone that `cron` speaks of.
    start_at, end_at: nothing is due before the one or after the other.
    """

    cron: str | None
    zone: str
    start_at: datetime | None = None
    end_at: datetime | None = None

    def after(self, moment: datetime) -> Iterator[datetime]:
        """Every time after `moment`, in UTC, in order."""
        if self.cron is None:
            if self.start_at is not None and self.start_at > moment:
                yield self.start_at
            return
        if self.start_at is not None and self.start_at > moment:
            moment = self.start_at - timedelta(microseconds=1)
        for each in _cron_times(self.cron, ZoneInfo(self.zone), moment):
            if self.end_at is not None and each > self.end_at:
                return
            yield each

    def upcoming(self, moment: datetime, count: int) -> list[datetime]:
        return list(islice(self.after(moment), count))

    def next(self, moment: datetime) -> datetime | None:
        return next(self.after(moment), None)


@dataclass(frozen=True, slots=True)
class Plan:
    """Attributes:
    starts: times for which a task is started now, in order.
    missed: how many others have passed.
    is_exact: false when there were too many to be counted.
    next_at: when to look again.
    """

    starts: tuple[datetime, ...]
    missed: int
    is_exact: bool
    next_at: datetime | None


def plan(times: Times, first: datetime, now: datetime, policy: Missed) -> Plan:
    """What to do at `now`, when the first time not dealt with is `first`."""
    due, is_exact = _passed(times, first, now)
    late = [each for each in due if each < now - GRACE]
    on_time = due[len(late) :]
    if policy is Missed.RUN_ALL:
        made_good = late[-MOST_MADE_GOOD:]
    elif policy is Missed.RUN_ONCE and not on_time:
        made_good = late[-1:]
    else:
        made_good = []
    return Plan((*made_good, *on_time), len(late) - len(made_good), is_exact, times.next(max(now, due[-1])))


def check_times(times: Times, now: datetime) -> None:
    """Raises:
    Invalid: naming the field.
    """
    if times.zone not in time_zones():
        raise Invalid.field("time_zone", f"{times.zone!r} is no time zone", "Send a name such as Europe/Berlin or UTC")
    if times.cron is None:
        if times.start_at is None:
            raise Invalid.field("start_at", "is missing", "Send `cron`, or the time of the one start")
    else:
        check_cron(times.cron)
    if times.start_at is not None and times.end_at is not None and times.end_at <= times.start_at:
        raise Invalid.field("end_at", "is not after start_at", "Send a later time, or none")
    if times.next(now) is None:
        named = "start_at" if times.cron is None else "end_at" if times.end_at is not None else "cron"
        raise Invalid.field(named, "leaves no time to come at which this would be due", "Send a later one")


def check_cron(cron: str) -> None:
    """Raises:
    Invalid: naming what is wrong with it.
    """
    if len(cron) > _LONGEST_CRON or len(cron.split()) != _FIELDS:
        raise Invalid.field("cron", "has not five fields", "Send minute, hour, day of month, month and day of week")
    try:
        CronSim(cron, datetime(2026, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise Invalid.field(
            "cron", f"can't be read: {str(error).lower()}", "Send numbers, ranges, lists or *"
        ) from None


@lru_cache(maxsize=1)
def time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _cron_times(cron: str, zone: ZoneInfo, moment: datetime) -> Iterator[datetime]:
    """Every time after `moment`, in UTC: what the rule names on the clock on the wall, turned into moments."""
    by_passing = any(field.startswith("*") for field in cron.split()[:2])
    ahead: list[datetime] = []
    last = moment
    for shown in CronSim(cron, _begin(zone, moment)):
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


def _passed(times: Times, first: datetime, now: datetime) -> tuple[list[datetime], bool]:
    """The times up to now, from `first` on; only the newest when there are too many to count."""
    found = [first]
    for each in times.after(first):
        if each > now:
            return found, True
        found.append(each)
        if len(found) > _MOST_COUNTED:
            # So many in so long: what is looked for lies in the last day.
            recent = [each for each in islice(times.after(now - timedelta(days=1)), _MOST_COUNTED) if each <= now]
            return recent or found[-1:], False
    return found, True
