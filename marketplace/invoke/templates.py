"""Filling templates: as `kernel.expressions.interpolation`, and what wasn't given, or kept, leaves its place out."""

from collections.abc import Iterable, Mapping
from typing import Any

from kernel.expressions.errors import ExpressionError
from kernel.expressions.interpolation import interpolate
from marketplace.invoke.errors import InvocationFailed


class _Absent(str):
    """Stands for an optional input that wasn't given, or what no step has kept; inside a longer text it is nothing."""

    __slots__ = ()


_ABSENT = _Absent()


def with_absent(names: Iterable[str], values: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs, or a storage, in which every declared name has a value, for `fill`."""
    return {**dict.fromkeys(names, _ABSENT), **values}


def fill(template: Any, values: Mapping[str, Any], place: str) -> Any:
    """The template's value; members and items that are nothing but something absent are left out.

    Raises:
        InvocationFailed: naming `place` and what has no value.
    """
    try:
        filled = interpolate(template, values)
    except ExpressionError as error:
        raise InvocationFailed(f"{place} can't be filled in: {error.message}") from error
    return _without_absent(filled)


def _without_absent(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_absent(inner) for name, inner in value.items() if inner is not _ABSENT}
    if isinstance(value, list):
        return [_without_absent(inner) for inner in value if inner is not _ABSENT]
    return "" if value is _ABSENT else value
