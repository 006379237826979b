"""What parameters that came as text are by the component's schemas."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_BOOLEANS = {"true": "true", "True": "true", "1": "true", "false": "false", "False": "false", "0": "false"}
_DEEPEST = 8
_MOST_PARTS = 200


def plain(value: str) -> str:
    """A JSON value as it stands in an address: text without quotes, everything else as its source."""
    return str(json.loads(value)) if value.startswith('"') else value


def typed(members: list[tuple[str, str]], schema: object) -> list[tuple[str, str]]:
    """Names and JSON texts; a text becomes a value of a declared type where it is written like one."""
    if not isinstance(schema, Mapping):
        return members
    properties = resolved(schema, schema).get("properties")
    known: Mapping[str, Any] = properties if isinstance(properties, Mapping) else {}
    return [(name, _as_declared(value, frozenset(_types(known.get(name), schema)))) for name, value in members]


def types_of(schema: Mapping[str, Any], root: Mapping[str, Any] | None = None) -> frozenset[str]:
    """All that a value of the schema may be; empty when it says nothing of types.

    ``root`` is where its references lead from; None for the schema itself.
    """
    return frozenset(_types(schema, schema if root is None else root))


def item_types_of(schema: Mapping[str, Any]) -> frozenset[str]:
    """The same of the items of a list."""
    return frozenset(_types(resolved(schema, schema).get("items"), schema))


def member_schemas(schema: Mapping[str, Any]) -> tuple[Mapping[str, Mapping[str, Any]], Any]:
    """The schemas of an object's members by name, and what is said of all others (``additionalProperties``)."""
    whole = resolved(schema, schema)
    properties = whole.get("properties")
    named = properties.items() if isinstance(properties, Mapping) else ()
    members = {name: resolved(each, schema) for name, each in named if isinstance(each, Mapping)}
    others = whole.get("additionalProperties", True)
    return members, resolved(others, schema) if isinstance(others, Mapping) else others


def readings(text: str, types: frozenset[str]) -> list[object]:
    """The values a text may stand for, by the declared types, the likeliest first; the text itself when it is none."""
    found: list[object] = []
    if not types or "number" in types:
        found += _numbers(text, _NUMBER)
    elif "integer" in types:
        found += _numbers(text, _INTEGER)
    if text in _BOOLEANS and (not types or "boolean" in types):
        found.append(_BOOLEANS[text] == "true")
    if not text and "null" in types:
        found.append(None)
    if not found or not types or "string" in types:
        found.append(text)
    return found


def _numbers(text: str, pattern: re.Pattern[str]) -> Iterator[int | float]:
    """Nothing where the text is no number, or none that fits here: of very many digits, or beyond every float."""
    if pattern.fullmatch(text) is None:
        return
    try:
        value = int(text) if _INTEGER.fullmatch(text) else float(text)
    except ValueError:
        return
    if math.isfinite(value):
        yield value


def _as_declared(value: str, types: frozenset[str]) -> str:
    text = plain(value)
    if "string" in types:
        return value
    if ("integer" in types or "number" in types) and _NUMBER.fullmatch(text):
        return text
    if "boolean" in types and text in _BOOLEANS:
        return _BOOLEANS[text]
    if ("array" in types and text.startswith("[")) or ("object" in types and text.startswith("{")):
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            return value
        return text
    return value


def _types(schema: object, root: Mapping[str, Any], seen: set[int] | None = None) -> Iterator[str]:
    """All that a value of the schema may be; each part of it is looked at once, whatever leads to it."""
    seen = set() if seen is None else seen
    if not isinstance(schema, Mapping) or len(seen) >= _MOST_PARTS:
        return
    schema = resolved(schema, root)
    if id(schema) in seen:
        return
    seen.add(id(schema))
    own = schema.get("type")
    yield from (each for each in (own if isinstance(own, list) else [own]) if isinstance(each, str))
    for name in ("anyOf", "oneOf", "allOf"):
        branches = schema.get(name)
        for branch in branches if isinstance(branches, list) else ():
            yield from _types(branch, root, seen)


def resolved(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a local reference leads to; the schema itself where it is none, or leads nowhere."""
    for _ in range(_DEEPEST):
        reference = schema.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/"):
            break
        found: Any = root
        for step in reference[2:].split("/"):
            found = found.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(found, Mapping) else None
        if not isinstance(found, Mapping):
            break
        schema = found
    return schema
