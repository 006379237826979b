"""Reads members of a JSON document by type and remembers each wrong one with its place."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from orchestrator.flow.problems import Problem

MAX_NAME = 200
MAX_USERNAME = 128
MAX_TEXT = 100_000

Choice = TypeVar("Choice", bound=StrEnum)
_REQUIRED = object()


class Members:
    """The members of one object; ``at`` is its place in the document."""

    def __init__(self, source: Mapping[str, Any], at: str, problems: list[Problem]) -> None:
        self.source = source
        self.at = at
        self.problems = problems

    def has(self, key: str) -> bool:
        return self.source.get(key) is not None

    def place(self, key: str) -> str:
        return f"{self.at}.{key}" if self.at else key

    def only(self, known: Collection[str]) -> None:
        """Every member must be one of ``known``."""
        for key in self.source:
            if key not in known:
                self.wrong(str(key), "is not known here", f"remove it; known are {', '.join(sorted(known))}")

    def text(self, key: str, *, limit: int = MAX_NAME, default: str | None = None) -> str:
        """A text; without a default it must be there and not empty."""
        value = self.source.get(key, _REQUIRED if default is None else default)
        if isinstance(value, str) and (value or default is not None):
            if len(value) > limit:
                self.wrong(key, f"has {len(value)} characters", f"at most {limit}")
            return value
        missing = value is _REQUIRED or value == ""
        self.wrong(key, "is missing" if missing else f"must be a text, not {named(value)}")
        return ""

    def text_or_none(self, key: str, *, limit: int) -> str | None:
        return self.text(key, limit=limit) if self.has(key) else None

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.source.get(key, default)
        if isinstance(value, bool):
            return value
        self.wrong(key, f"must be true or false, not {named(value)}")
        return default

    def number(self, key: str, *, least: float, most: float, default: float | None = None) -> float:
        """A number; without a default it must be there."""
        value = self.source.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong(key, "is missing" if value is None else f"must be a number, not {named(value)}")
        elif not least <= value <= most:
            self.wrong(key, f"is {value}", f"from {least:g} to {most:g}")
        else:
            return value
        return least

    def whole(self, key: str, *, least: int, most: int, default: int | None = None) -> int:
        """As ``number``, without a fraction."""
        value = self.source.get(key, default)
        if isinstance(value, float):
            self.wrong(key, f"is {value}", "give a whole number")
            return least
        return int(self.number(key, least=least, most=most, default=default))

    def whole_or_none(self, key: str, *, least: int, most: int) -> int | None:
        return self.whole(key, least=least, most=most) if self.has(key) else None

    def choice(self, key: str, choices: type[Choice], default: Choice) -> Choice:
        value = self.source.get(key, default)
        if value is default:
            return default
        for choice in choices:
            if value == choice.value:
                return choice
        self.wrong(key, f"{value!r} is not known here", f"one of {', '.join(choices)}")
        return default

    def mapping(self, key: str) -> Mapping[str, Any]:
        """An object, empty when absent."""
        value = self.source.get(key)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.wrong(key, f"must be an object, not {named(value)}")
            return {}
        return value

    def form(self, key: str) -> Mapping[str, Any] | None:
        """A form that may be absent: an object with a ``schema`` at least."""
        if not self.has(key):
            return None
        found = self.mapping(key)
        if not isinstance(found.get("schema"), Mapping):
            self.wrong(f"{key}.schema", "must be an object", "give the JSON Schema of what is asked for")
        return found

    def members(self, key: str, known: Collection[str]) -> "Members | None":
        """An object that may be absent, with its own members to read."""
        if not self.has(key):
            return None
        inner = Members(self.mapping(key), self.place(key), self.problems)
        inner.only(known)
        return inner

    def items(self, key: str, limit: int, *, required: bool = True) -> list[object]:
        value = self.source.get(key, _REQUIRED if required else [])
        if not isinstance(value, list):
            self.wrong(key, "is missing" if value is _REQUIRED else f"must be a list, not {named(value)}")
            return []
        if len(value) > limit:
            self.wrong(key, f"has {len(value)} entries", f"at most {limit}")
            return []
        return value

    def names(self, key: str, limit: int) -> tuple[str, ...]:
        """A list of texts, empty when absent."""
        found = self.items(key, limit, required=False)
        for index, value in enumerate(found):
            if not isinstance(value, str) or not value:
                self.wrong(f"{key}[{index}]", f"must be a text, not {named(value)}")
        return tuple(value for value in found if isinstance(value, str))

    def wrong(self, key: str, message: str, remedy: str = "") -> None:
        self.problems.append(Problem("shape", message, remedy, field=self.place(key)))


def members_of(value: object, at: str, problems: list[Problem]) -> Members | None:
    """The members of an object, or none when the value is something else."""
    if not isinstance(value, Mapping):
        problems.append(Problem("shape", f"must be an object, not {named(value)}", field=at or "definition"))
        return None
    return Members(value, at, problems)


def named(value: object) -> str:
    """What a person calls a value's type."""
    if value is None:
        return "null"
    names = {
        str: "a text",
        bool: "true or false",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "an object",
    }
    return names.get(type(value), type(value).__name__)
