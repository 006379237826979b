from datetime import UTC, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kernel.errors import Invalid
from orchestrator.schedules.times import MOST_MADE_GOOD, Missed, Times, check_times, plan

MINUTE = timedelta(minutes=1)
NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
CHANGES = {
    "Europe/Berlin": [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 24, 22, tzinfo=UTC)],
    "America/New_York": [datetime(2026, 3, 8, 4, tzinfo=UTC), datetime(2026, 11, 1, 3, tzinfo=UTC)],
    "Australia/Lord_Howe": [datetime(2026, 4, 4, 12, tzinfo=UTC), datetime(2026, 10, 3, 13, tzinfo=UTC)],
    "Asia/Shanghai": [datetime(2026, 3, 29, tzinfo=UTC)],
}
WINDOW = timedelta(hours=8)


def _values(field: str, low: int, high: int) -> set[int]:
    """What a field names, read as plainly as can be."""
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, last = (low, high) if span == "*" else (int(span), int(span))
        found |= set(range(first, last + 1, int(step or 1)))
    return found


def _reference(cron: str, zone: ZoneInfo, after: datetime, until: datetime) -> list[datetime]:
    """Every minute looked at, one after the other."""
    minutes, hours = (_values(field, 0, high) for field, high in zip(cron.split()[:2], (59, 23), strict=True))
    by_passing = cron.startswith("*") or cron.split()[1].startswith("*")
    found: set[datetime] = set()
    moment = after.replace(second=0, microsecond=0)
    if by_passing:
        while (moment := moment + MINUTE) <= until:
            local = moment.astimezone(zone)
            if local.minute in minutes and local.hour in hours:
                found.add(moment)
        return sorted(found)
    local = (moment - timedelta(days=1)).astimezone(zone).replace(tzinfo=None)
    while (local := local + MINUTE) <= (until + timedelta(days=1)).replace(tzinfo=None):
        if local.minute in minutes and local.hour in hours:
            shown = local
            while shown.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) != shown:
                shown += MINUTE
            found.add(shown.replace(tzinfo=zone).astimezone(UTC))
    return sorted(each for each in found if after < each <= until)


_minutes = st.sampled_from(["*", "*/7", "*/30", "0", "30", "0,30", "15,45", "59"])
_hours = st.sampled_from(["*", "*/2", "0", "1", "2", "3", "1,2", "2,3", "1,3,14"])


@settings(max_examples=40)
@given(_minutes, _hours, st.sampled_from(sorted(CHANGES)), st.integers(0, 1), st.integers(0, 480))
@example("0,30", "2", "Europe/Berlin", 0, 0)
@example("30", "2", "Europe/Berlin", 1, 165)
@example("*", "*", "America/New_York", 1, 120)
@example("*/7", "1,2", "Australia/Lord_Howe", 0, 205)
def test_times_are_those_of_a_plain_reading_of_every_minute(
    minutes: str, hours: str, zone: str, which: int, offset: int
) -> None:
    """Around changes of the clocks, of an hour and of half an hour, too."""
    after = CHANGES[zone][which % len(CHANGES[zone])] + timedelta(minutes=offset)
    until = after + WINDOW
    cron = f"{minutes} {hours} * * *"
    found = list(takewhile(lambda each: each <= until, Times(cron, zone).after(after)))
    assert found == _reference(cron, ZoneInfo(zone), after, until)


def test_nothing_is_due_before_the_start_or_after_the_end() -> None:
    times = Times("0 * * * *", "UTC", datetime(2026, 1, 2, 6, tzinfo=UTC), datetime(2026, 1, 2, 8, tzinfo=UTC))
    assert [each.hour for each in times.after(NOW)] == [6, 7, 8]


def test_one_start_is_due_once() -> None:
    at = NOW + MINUTE
    assert list(Times(None, "UTC", at).after(NOW)) == [at]
    assert list(Times(None, "UTC", at).after(at)) == []


@pytest.mark.parametrize(
    ("policy", "late_hours", "starts", "missed"),
    [
        (Missed.SKIP, 5, 0, 6),
        (Missed.RUN_ONCE, 5, 1, 5),
        (Missed.RUN_ALL, 5, 6, 0),
        (Missed.RUN_ALL, 30, MOST_MADE_GOOD, 31 - MOST_MADE_GOOD),
        (Missed.SKIP, 0, 1, 0),
        (Missed.RUN_ALL, 0, 1, 0),
    ],
)
def test_missed_times_are_made_good_as_was_wanted(policy: Missed, late_hours: int, starts: int, missed: int) -> None:
    first = datetime(2026, 1, 2, 3, tzinfo=UTC)
    now = first + timedelta(hours=late_hours, seconds=61 if late_hours else 30)
    found = plan(Times("0 * * * *", "UTC"), first, now, policy)
    assert (len(found.starts), found.missed, found.is_exact) == (starts, missed, True)
    assert found.next_at == first + timedelta(hours=late_hours + 1)
    if starts:
        assert found.starts[-1] == first + timedelta(hours=late_hours)


def test_a_start_in_time_makes_good_those_missed_before_it() -> None:
    first = datetime(2026, 1, 2, 3, tzinfo=UTC)
    found = plan(Times("0 * * * *", "UTC"), first, first + timedelta(hours=2, seconds=5), Missed.RUN_ONCE)
    assert (found.starts, found.missed) == ((first + timedelta(hours=2),), 2)


def test_a_year_of_minutes_is_not_counted_out() -> None:
    now = NOW + timedelta(days=365)
    found = plan(Times("* * * * *", "UTC"), NOW, now, Missed.RUN_ALL)
    assert not found.is_exact
    assert found.starts[-1] == now
    assert found.next_at == now + MINUTE


@pytest.mark.parametrize(
    ("times", "field"),
    [
        (Times("0 * * *", "UTC"), "cron"),
        (Times("0 0 * * * *", "UTC"), "cron"),
        (Times("61 * * * *", "UTC"), "cron"),
        (Times("0 0 31 2 *", "UTC"), "cron"),
        (Times("0 * * * *", "Europe/Atlantis"), "time_zone"),
        (Times("0 * * * *", "../../etc/passwd"), "time_zone"),
        (Times(None, "UTC"), "start_at"),
        (Times(None, "UTC", NOW), "start_at"),
        (Times("0 * * * *", "UTC", NOW + MINUTE, NOW), "end_at"),
        (Times("0 * * * *", "UTC", None, NOW), "end_at"),
    ],
)
def test_wrong_times_are_named(times: Times, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_times(times, NOW)
    assert [problem.field for problem in refused.value.fields] == [field]
