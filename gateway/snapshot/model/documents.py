"""Reading values out of shard documents (JSON objects), with errors that name the field."""

import json
from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

from gateway.policies.kinds.policy import Level, Policy, PolicyError
from gateway.policies.kinds.registry import read_policies
from gateway.snapshot.model.errors import ShardError

T = TypeVar("T")


class OpenSecret(Protocol):
    """Opens what is sealed in a document; without ``purpose``, a key towards a system."""

    def __call__(self, sealed: str, purpose: str = ...) -> bytes: ...


def need(document: Mapping[str, Any], field: str, kind: type[T]) -> T:
    """The value of a field that must be there; raises ShardError when it is missing or of another type."""
    value = document.get(field)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ShardError(f"{field}: expected {kind.__name__}, found {type(value).__name__}")
    return value


def have(document: Mapping[str, Any], field: str, default: T) -> T:
    """The value of an optional field of the default's type; absent and null mean the default."""
    if document.get(field) is None:
        return default
    return need(document, field, type(default))


def epoch(document: Mapping[str, Any], field: str) -> float | None:
    """An optional moment in seconds since 1970; absent and null mean never."""
    value = document.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ShardError(f"{field}: expected seconds since 1970 or null")
    return float(value)


def objects(document: Mapping[str, Any], field: str) -> list[dict[str, Any]]:
    """An optional list of objects; absent and null mean none."""
    items: list[Any] = have(document, field, [])
    if not all(isinstance(item, dict) for item in items):
        raise ShardError(f"{field}: expected a list of objects")
    return items


def strings(document: Mapping[str, Any], field: str) -> list[str]:
    """An optional list of strings; absent and null mean none."""
    items: list[Any] = have(document, field, [])
    if not all(isinstance(item, str) for item in items):
        raise ShardError(f"{field}: expected a list of strings")
    return items


def policies(document: Mapping[str, Any], level: Level) -> tuple[Policy, ...]:
    """An optional list of policies that stand at that level; absent and null mean none."""
    if not document.get("policies"):
        return ()
    try:
        return read_policies(document["policies"], level)
    except PolicyError as problem:
        raise ShardError(str(problem)) from problem


def source_of(document: Mapping[str, Any]) -> str:
    """A document as text: a fraction of the memory, and nothing for the garbage collector to walk through."""
    return json.dumps(document, separators=(",", ":"))


def read_source(source: str) -> Mapping[str, Any]:
    document: Mapping[str, Any] = json.loads(source)
    return document
