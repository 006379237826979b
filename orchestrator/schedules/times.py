"""When a schedule is due, and which of the times that have passed are made good. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from kernel.cron import CronWrong, check_rule, time_zones, times_after
from kernel.errors import Invalid

GRACE: Final = timedelta(seconds=60)
"""A start that comes later than this was missed."""
MOST_MADE_GOOD: Final = 20
"""Of the missed runs that are all made good, the newest."""

_MOST_COUNTED: Final = 2000


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
        for each in times_after(self.cron, ZoneInfo(self.zone), moment):
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
    try:
        check_rule(cron)
    except CronWrong as wrong:
        remedy = "Send minute, hour, day of month, month and day of week, as numbers, ranges, lists or *"
        raise Invalid.field("cron", str(wrong), remedy) from None


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
