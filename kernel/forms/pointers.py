"""Places in JSON documents, as RFC 6901 pointers and as dotted paths."""

import re
from collections.abc import Iterable
from typing import Any

_PLAIN = re.compile(r"[A-Za-z0-9_$-]+")


def pointer(path: Iterable[str | int]) -> str:
    """`/hosts/0/a~1b`; the empty text is the whole document."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def dotted(at: str, path: Iterable[str | int]) -> str:
    """`at.hosts[0].name`; a name that isn't plain stands quoted in brackets."""
    place = at
    for step in path:
        if isinstance(step, int):
            place += f"[{step}]"
        elif _PLAIN.fullmatch(step):
            place += f".{step}" if place else step
        else:
            place += f"[{step!r}]"
    return place


def resolve_pointer(document: Any, text: str) -> Any:
    """What an RFC 6901 pointer leads to.

    Raises:
        LookupError: it leads to nothing.
    """
    current = document
    for raw in text.split("/")[1:] if text else ():
        step = raw.replace("~1", "/").replace("~0", "~")
        if isinstance(current, dict):
            current = current[step]
        elif isinstance(current, list) and step.isdecimal() and len(step) < _MAX_INDEX_DIGITS:
            current = current[int(step)]
        else:
            raise LookupError(step)
    return current


_MAX_INDEX_DIGITS = 7
