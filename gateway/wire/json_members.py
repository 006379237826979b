"""The top-level members of a JSON object with their values as they stood, so that big numbers pass exactly."""

import json
import re

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str)  # numbers are passed on, not read, however long


def members_of(text: str) -> list[tuple[str, str]]:
    """Each member's name and its value's source text; raises ValueError unless the text is one JSON object."""
    position = _skip(text, 0)
    if not text.startswith("{", position):
        raise ValueError("not a JSON object")
    position = _skip(text, position + 1)
    members: list[tuple[str, str]] = []
    if text.startswith("}", position):
        position += 1
    else:
        while True:
            name, position = _name(text, position)
            start = _skip(text, position)
            _, position = _value(text, start)
            members.append((name, text[start:position]))
            position = _skip(text, position)
            if text.startswith("}", position):
                position += 1
                break
            if not text.startswith(",", position):
                raise ValueError("not a JSON object")
            position = _skip(text, position + 1)
    if _skip(text, position) != len(text):
        raise ValueError("text after the JSON object")
    return members


def items_of(text: str) -> list[str]:
    """The source text of each item; raises ValueError unless the text is one JSON list."""
    position = _skip(text, 0)
    if not text.startswith("[", position):
        raise ValueError("not a JSON list")
    position = _skip(text, position + 1)
    items: list[str] = []
    if text.startswith("]", position):
        position += 1
    else:
        while True:
            _, end = _value(text, position)
            items.append(text[position:end])
            position = _skip(text, end)
            if text.startswith("]", position):
                position += 1
                break
            if not text.startswith(",", position):
                raise ValueError("not a JSON list")
            position = _skip(text, position + 1)
    if _skip(text, position) != len(text):
        raise ValueError("text after the JSON list")
    return items


def require_json(text: str) -> None:
    """Raises ValueError for what is not JSON, or is nested too deeply."""
    _, position = _value(text, _skip(text, 0))
    if _skip(text, position) != len(text):
        raise ValueError("text after the JSON value")


def object_of(members: list[tuple[str, str]]) -> str:
    """The object again."""
    return "{" + ", ".join(f"{json.dumps(name)}: {value}" for name, value in members) + "}"


def _skip(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found is not None else position


def _name(text: str, position: int) -> tuple[str, int]:
    name, position = _value(text, position)
    if not isinstance(name, str):
        raise ValueError("a member's name is not a string")  # noqa: TRY004 - for the caller it is malformed text
    position = _skip(text, position)
    if not text.startswith(":", position):
        raise ValueError("not a JSON object")
    return name, position + 1


def _value(text: str, start: int) -> tuple[object, int]:
    """The value that begins there, and where it ends."""
    try:
        return _DECODER.raw_decode(text, start)
    except RecursionError as problem:
        raise ValueError("nested too deeply") from problem
