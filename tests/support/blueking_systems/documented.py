"""What BlueKing's documents say of a call, and whether a request is one."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

KINDS: Mapping[str, Callable[[Any], bool]] = {
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "str": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "list": lambda value: isinstance(value, list),
    "dict": lambda value: isinstance(value, dict),
    "strs": lambda value: isinstance(value, list | str),
}
TRUTHS = {"true": True, "True": True, "1": True, "false": False, "False": False, "0": False}


class Undocumented(Exception):
    """A request that BlueKing's documents don't have: the fault of whoever sent it."""


@dataclass(frozen=True, slots=True)
class Call:
    """Attributes:
    api: method and path behind the gateway; none where only the ESB has the call.
    needs, takes: parameters that must and may be there, with their kinds.
    method: of the ESB's component; what is GET takes POST too.
    body: the parameter that the ESB's component makes the whole body of `api`.
    api_needs, api_takes: where the parameters are called otherwise than the ESB's.
    """

    api: str | None = None
    needs: Mapping[str, str] = field(default_factory=dict)
    takes: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"
    body: str | None = None
    api_needs: Mapping[str, str] | None = None
    api_takes: Mapping[str, str] | None = None

    def by_esb(self, method: str, query: Mapping[str, str], body: bytes) -> dict[str, Any]:
        """The parameters of a call of the ESB's component. Raises Undocumented."""
        return _checked(_given(method, query, body), self.needs, self.takes, from_text=method == "GET")

    def by_api(self, in_path: Mapping[str, str], method: str, query: Mapping[str, str], body: bytes) -> dict[str, Any]:
        """The parameters of a call at `api`, by the names of the ESB's component. Raises Undocumented."""
        needs = self.needs if self.api_needs is None else self.api_needs
        takes = self.takes if self.api_takes is None else self.api_takes
        named = {name: _read(value, needs.get(name, "str")) for name, value in in_path.items() if name in needs}
        given = _given(method, query, body)
        if self.body is not None:
            return {**named, self.body: given}
        left = {name: kind for name, kind in needs.items() if name not in named}
        return named | _checked(given, left, takes, from_text=method == "GET")


def pattern_of(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path)))


def _given(method: str, query: Mapping[str, str], body: bytes) -> dict[str, Any]:
    if method in {"GET", "DELETE"} and not body.strip(b" {}"):
        return dict(query)
    if query:
        raise Undocumented(f"{method} with a query: {sorted(query)}")
    try:
        value = json.loads(body)
    except ValueError as error:
        raise Undocumented("the body is not JSON") from error
    if not isinstance(value, dict):
        raise Undocumented("the body is no object")
    return value


def _checked(
    given: Mapping[str, Any], needs: Mapping[str, str], takes: Mapping[str, str], *, from_text: bool
) -> dict[str, Any]:
    known = {**takes, **needs}
    for name in given:
        if name not in known:
            raise Undocumented(f"there is no parameter {name}")
    missing = sorted(needs.keys() - given.keys())
    if missing:
        raise Undocumented(f"{missing[0]} is missing")
    read = {name: _read(value, known[name]) if from_text else value for name, value in given.items()}
    for name, value in read.items():
        if not KINDS[known[name]](value):
            raise Undocumented(f"{name} is no {known[name]}: {value!r}")
    return read


def _read(text: str, kind: str) -> Any:
    if kind == "int" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if kind == "bool":
        return TRUTHS.get(text, text)
    return text
