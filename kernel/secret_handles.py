"""Handles: texts that stand for secrets wherever values are kept, shown and put together.

A handle says nothing of its secret. Put into a longer text it still is found there, so whoever sends that text can put
the secret in its place, and whoever shows it can hide it.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

MASK: Final = "******"
"""What is shown in place of a secret."""

_HANDLE: Final = re.compile(r"\{secret:([0-9a-f]{32})\}")
_MARK: Final = "{secret:"
_SHORTEST_INSIDE: Final = 4


def handle_of(secret_id: str) -> str:
    return f"{{secret:{secret_id}}}"


def id_of(handle: str) -> str | None:
    """The id in a text that is a handle and nothing else; none for other texts."""
    found = _HANDLE.fullmatch(handle)
    return found[1] if found is not None else None


def handles_in(value: Any) -> frozenset[str]:
    """Every handle in the texts of a value, and in the names of its members."""
    found: set[str] = set()

    def note(text: str) -> str:
        found.update(match.group() for match in _HANDLE.finditer(text))
        return text

    _rewritten(value, note)
    return frozenset(found)


def with_secrets(value: Any, secrets: Mapping[str, str]) -> Any:
    """The value with the secret of each handle in its place; handles without one stay."""
    if not secrets:
        return value
    return _rewritten(value, lambda text: _HANDLE.sub(lambda match: secrets.get(match.group(), match.group()), text))


def with_handles(value: Any, handles: Mapping[str, str]) -> Any:
    """The value with the handle of each secret in the secret's place.

    Args:
        handles: secret → its handle. One of less than four characters is found only where it is a text of its own: in
            longer ones it would be anything.
    """
    inside = sorted((text for text in handles if len(text) >= _SHORTEST_INSIDE), key=len, reverse=True)
    found = re.compile("|".join(map(re.escape, inside))) if inside else None

    def replaced(text: str) -> str:
        if text in handles:
            return handles[text]
        return text if found is None else found.sub(lambda match: handles[match.group()], text)

    return _each_text(value, replaced)


def masked(value: Any) -> Any:
    """The value as it may be shown."""
    return _rewritten(value, lambda text: _HANDLE.sub(MASK, text))


def _rewritten(value: Any, rewrite: Callable[[str], str]) -> Any:
    return _each_text(value, lambda text: rewrite(text) if _MARK in text else text)


def _each_text(value: Any, rewrite: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return rewrite(value)
    if isinstance(value, Mapping):
        return {_each_text(name, rewrite): _each_text(inner, rewrite) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_each_text(inner, rewrite) for inner in value]
    return value
