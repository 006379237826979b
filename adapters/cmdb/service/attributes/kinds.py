"""Types of custom attributes: which values they take, and how these are compared."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final
from zoneinfo import available_timezones

from adapters.cmdb.service.fields import Kind

LARGEST: Final = 2**31 - 1
_SHORT, _LONG = 256, 2000
SINGLE: Final = "singleasst"
MULTIPLE: Final = "multiasst"
"""One instance of another object, or several, by their ids."""
MOST_REFERENCES: Final = 100

KINDS: Final[Mapping[str, Kind]] = {
    "singlechar": Kind.TEXT,
    "longchar": Kind.TEXT,
    "int": Kind.NUMBER,
    "enum": Kind.TEXT,
    "date": Kind.DATE,
    "time": Kind.MOMENT,
    "objuser": Kind.TEXT,
    "timezone": Kind.TEXT,
    "bool": Kind.FLAG,
    SINGLE: Kind.NUMBER,
    MULTIPLE: Kind.REFERENCES,
}


class ValueWrong(ValueError):
    """The text says what the attribute takes."""


def checked(kind: str, option: Any, value: Any) -> Any:
    """The value as it is kept.

    Raises:
        ValueWrong: the attribute doesn't take it.
    """
    return _CHECKS[kind](value, option)


def moment(text: str) -> str:
    """A time as text that sorts by time. Without a zone it is UTC. Raises ValueError for what is no time."""
    parsed = datetime.fromisoformat(text)
    known = parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=UTC)
    return known.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(longest: int) -> Callable[[Any, Any], str]:
    def check(value: Any, _option: Any) -> str:
        if not isinstance(value, str) or len(value) > longest:
            raise ValueWrong(f"takes a text of at most {longest} characters")
        return value

    return check


def _number(value: Any, option: Any) -> int:
    low, high = (option or {}).get("min", -LARGEST), (option or {}).get("max", LARGEST)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueWrong(f"takes a whole number from {low} to {high}")
    return value


def _choice(value: Any, option: Any) -> str:
    choices = [choice["id"] for choice in option]
    if value not in choices:
        raise ValueWrong(f"takes one of {', '.join(choices)}")
    return str(value)


def _date(value: Any, _option: Any) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise ValueWrong("takes a date such as 2026-01-31") from None


def _moment(value: Any, _option: Any) -> str:
    try:
        return moment(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueWrong("takes a time such as 2026-01-31T08:00:00Z") from None


def _timezone(value: Any, _option: Any) -> str:
    if value not in available_timezones():
        raise ValueWrong("takes the name of a time zone such as Asia/Shanghai")
    return str(value)


def _flag(value: Any, _option: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueWrong("takes true or false")
    return value


def _id(value: Any, _option: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST:
        raise ValueWrong("takes the id of an instance")
    return value


def _ids(value: Any, option: Any) -> list[int]:
    if not isinstance(value, list) or len(value) > MOST_REFERENCES:
        raise ValueWrong(f"takes a list of at most {MOST_REFERENCES} ids")
    return list(dict.fromkeys(_id(each, option) for each in value))


_CHECKS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "singlechar": _text(_SHORT),
    "longchar": _text(_LONG),
    "int": _number,
    "enum": _choice,
    "date": _date,
    "time": _moment,
    "objuser": _text(_LONG),
    "timezone": _timezone,
    "bool": _flag,
    SINGLE: _id,
    MULTIPLE: _ids,
}
