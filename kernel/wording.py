"""What the product says to people, under codes: whoever shows it in another language needs no English to know it by."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from kernel.errors import FieldProblem, Param

TERMS: Final[Mapping[str, str]] = {
    # Types of JSON.
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
    # Formats of JSON Schema.
    "date": "a date like 2026-01-31",
    "date-time": "a time like 2026-01-31T08:00:00Z",
    "time": "a time like 08:00:00Z",
    "duration": "a duration like PT5M",
    "email": "a mail address",
    "idn-email": "a mail address",
    "hostname": "a host name",
    "idn-hostname": "a host name",
    "ipv4": "an IPv4 address",
    "ipv6": "an IPv6 address",
    "uri": "an absolute address like https://example.com/",
    "uuid": "a UUID",
    "regex": "a regular expression",
    # Steps of version numbers.
    "major": "major",
    "minor": "minor",
    "patch": "patch",
    # Kinds of a flow's nodes, and sides of them.
    "start": "start",
    "end": "end",
    "plugin": "plugin",
    "exclusive": "exclusive",
    "parallel": "parallel",
    "inclusive": "inclusive",
    "join": "join",
    "timer": "timer",
    "wait": "wait",
    "confirm": "confirm",
    "approval": "approval",
    "notify": "notify",
    "expression": "expression",
    "subflow": "subflow",
    "map": "map",
    "incoming": "incoming",
    "outgoing": "outgoing",
    # Characters.
    "control": "control characters",
    "nul": "the character NUL",
    "slash": "slashes",
    "comma": "commas",
    "semicolon": "semicolons",
    "blank": "blanks",
}
"""Parameters that are words themselves, in English."""

_PLACEHOLDER = re.compile(r"\{(\w+)(?::(or|term))?\}")


PlainParam = str | int | float | list[str]
"""A value as JSON has it."""


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence with what it was said of.

    Attributes:
        text: in English.
        code: by which the sentence is found in other languages.
        params: its values by name.
    """

    text: str
    code: str
    params: Mapping[str, Param] = field(default_factory=dict, hash=False)

    def document(self) -> dict[str, Any]:
        """As it is kept."""
        return {"text": self.text, "code": self.code, "params": plain(self.params)}

    @classmethod
    def kept(cls, document: Mapping[str, Any]) -> "Said":
        """Of what `document` made."""
        params = {name: tuple(each) if isinstance(each, list) else each for name, each in document["params"].items()}
        return cls(document["text"], document["code"], params)


@dataclass(frozen=True, slots=True)
class Wording:
    """A sentence, and perhaps what to do about it, with places for values.

    `{name}` stands for a value, of several all with commas; `{name:or}` for one of several; `{name:term}` likewise, of
    those in `TERMS`.

    Attributes:
        code: never changes its meaning once released.
        text, remedy: in English.
    """

    code: str
    text: str
    remedy: str = ""

    @property
    def names(self) -> frozenset[str]:
        """Of the values it takes."""
        return frozenset(match[1] for match in _PLACEHOLDER.finditer(f"{self.text} {self.remedy}"))

    def said(self, **params: Param) -> Said:
        return Said(_filled(self.text, params), self.code, params)

    def at(self, field: str, /, **params: Param) -> FieldProblem:
        """Said of a field."""
        return FieldProblem(field, _filled(self.text, params), _filled(self.remedy, params), self.code, params)


class Wordings:
    """The sentences of one subject; their codes are `subject.name`."""

    def __init__(self, subject: str) -> None:
        self._subject = subject
        self._known: dict[str, Wording] = {}

    def add(self, name: str, text: str, remedy: str = "") -> Wording:
        """Raises:
        ValueError: the subject has the name already.
        """
        if name in self._known:
            raise ValueError(f"{self._subject}.{name} is said twice")
        self._known[name] = Wording(f"{self._subject}.{name}", text, remedy)
        return self._known[name]

    def get(self, name: str) -> Wording | None:
        return self._known.get(name)

    def __iter__(self) -> Iterator[Wording]:
        return iter(self._known.values())


def plain(params: Mapping[str, Param]) -> dict[str, PlainParam]:
    """Values of a sentence as JSON has them."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in params.items()}


def _filled(template: str, params: Mapping[str, Param]) -> str:
    """Raises KeyError: a value the template has a place for is not given."""
    return _PLACEHOLDER.sub(lambda match: _written(params[match[1]], _JOINED[match[2]]), template)


def _written(value: Param, joined: Callable[[Sequence[str]], str]) -> str:
    return joined(value if isinstance(value, tuple) else (str(value),))


def _either(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} or {parts[-1]}"


_JOINED: Final[Mapping[str | None, Callable[[Sequence[str]], str]]] = {
    None: ", ".join,
    "or": _either,
    "term": lambda parts: _either(list(dict.fromkeys(TERMS.get(part, part) for part in parts))),
}
