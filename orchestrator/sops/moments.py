"""Moments and durations as Standard OPS writes them."""

from datetime import UTC, datetime, time

_SHORT = len("2024-01-01")


def moment(at: datetime | None) -> str:
    """`2018-04-23 09:30:48 +0000`; empty for none."""
    return "" if at is None else at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S %z")


def elapsed(start: datetime | None, finish: datetime | None, now: datetime) -> int:
    """Whole seconds."""
    return 0 if start is None else max(0, int(((finish or now) - start).total_seconds()))


def read_moment(text: str, *, end_of_day: bool = False) -> datetime:
    """A date, or a moment with or without its zone, which is UTC where none is named.

    Args:
        end_of_day: what a date alone means.

    Raises:
        ValueError: it is none of these, or lies beyond the times that can be told in UTC.
    """
    found = datetime.fromisoformat(text.strip().replace(" +", "+").replace(" -", "-"))
    if len(text.strip()) == _SHORT and end_of_day:
        found = datetime.combine(found, time.max)
    try:
        return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text} is beyond all times") from error
