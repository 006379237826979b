"""What a changed JSON Schema means to those who wrote against the old one. Pure.

What was accepted must go on being accepted, and what was promised in an answer must go on being true. Where two schemas
can't be compared keyword by keyword, the change counts as breaking: nobody is told that it is safe unless it is.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any] | bool


@dataclass(frozen=True, slots=True)
class SchemaReason:
    """Attributes:
    where: JSON pointer to what changed, below the schema; empty for the schema itself.
    """

    where: str
    text: str
    breaking: bool


# Annotations: they say something to people and refuse nothing.
_SILENT = frozenset(
    {
        "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "$comment", "$id",
        "$schema", "$anchor", "contentMediaType", "contentEncoding", "$defs", "definitions",
    }
)  # fmt: skip
_LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_SAME_OR_GONE = ("pattern", "format", "multipleOf", "uniqueItems")
_STRUCTURE = ("type", "enum", "const", "required", "properties", "additionalProperties", "items")
_COMPARED = frozenset({*_SILENT, *_LOWER_BOUNDS, *_UPPER_BOUNDS, *_SAME_OR_GONE, *_STRUCTURE})
_TYPES = frozenset({"null", "boolean", "object", "array", "number", "string", "integer"})


def request_changes(old: Schema | None, new: Schema | None) -> list[SchemaReason]:
    """Of a schema that requests must fit; none is no schema, which everything fits. Bodies are taken to be made of what
    the old schema describes: a property that is new and optional breaks nobody.
    """
    return list(_Requests(old, new).compare(_or_any(old), _or_any(new), ""))


def answer_changes(old: Schema | None, new: Schema | None) -> list[SchemaReason]:
    """Of a schema that describes answers: what callers rely on must still be there and be what it was."""
    if old is None:
        return []
    if new is None:
        return [SchemaReason("", "is described no more", breaking=False)]
    return list(_Answers(old, new).compare(old, new, ""))


def _or_any(schema: Schema | None) -> Schema:
    return True if schema is None else schema


class _Comparison:
    """Two schemas with their definitions; `$ref` is followed once for each pair, so that trees may be recursive."""

    def __init__(self, old: Schema | None, new: Schema | None) -> None:
        self._old = old if isinstance(old, Mapping) else {}
        self._new = new if isinstance(new, Mapping) else {}
        self._seen: set[tuple[str, str]] = set()

    def compare(self, old: Schema, new: Schema, where: str) -> Iterator[SchemaReason]:
        if old == new and self._old.get("$defs") == self._new.get("$defs"):
            return
        pair = (_key(old), _key(new))
        if pair in self._seen:
            return
        self._seen.add(pair)
        before, after = _resolved(old, self._old), _resolved(new, self._new)
        if before is None or after is None:
            yield SchemaReason(where, "changes in a way that can't be judged", breaking=True)
        elif isinstance(before, bool) or isinstance(after, bool):
            yield from self._with_boolean(before, after, where)
        else:
            yield from self._with_keywords(before, after, where)

    def _with_boolean(self, old: Schema, new: Schema, where: str) -> Iterator[SchemaReason]:
        if old is False or new is True or new == {}:
            return
        if new is False:
            yield SchemaReason(where, "accepts nothing any more", breaking=True)
        else:
            yield from self.compare({} if old is True else old, new, where)

    def _with_keywords(self, old: Mapping[str, Any], new: Mapping[str, Any], where: str) -> Iterator[SchemaReason]:
        raise NotImplementedError

    def _unjudged(self, old: Mapping[str, Any], new: Mapping[str, Any], where: str) -> Iterator[SchemaReason]:
        for keyword in sorted((old.keys() | new.keys()) - _COMPARED):
            if old.get(keyword) != new.get(keyword):
                yield SchemaReason(where, f"{keyword} changes in a way that can't be judged", breaking=True)


class _Requests(_Comparison):
    def _with_keywords(self, old: Mapping[str, Any], new: Mapping[str, Any], where: str) -> Iterator[SchemaReason]:
        yield from self._unjudged(old, new, where)
        gone = _types(old) - _types(new)
        if "number" in _types(new):
            gone -= {"integer"}
        if gone:
            yield SchemaReason(where, f"may not be {_listed(gone)} any more", breaking=True)
        yield from _values(old, new, where)
        yield from _bounds(old, new, where)
        for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
            yield SchemaReason(f"{where}/{name}", "is required now", breaking=True)
        yield from self._members(old, new, where)
        yield from self.compare(old.get("items", True), new.get("items", True), f"{where}/*")

    def _members(self, old: Mapping[str, Any], new: Mapping[str, Any], where: str) -> Iterator[SchemaReason]:
        described, now = old.get("properties", {}), new.get("properties", {})
        others, others_now = old.get("additionalProperties", True), new.get("additionalProperties", True)
        for name, schema in described.items():
            if name not in now and others_now is False:
                yield SchemaReason(f"{where}/{name}", "is refused now", breaking=True)
            elif name not in now and others_now is True:
                yield SchemaReason(f"{where}/{name}", "is described no more", breaking=False)
            else:
                yield from self.compare(schema, now.get(name, others_now), f"{where}/{name}")
        for name in sorted(now.keys() - described.keys()):
            if isinstance(others, Mapping):
                yield from self.compare(others, now[name], f"{where}/{name}")
            else:
                yield SchemaReason(f"{where}/{name}", "is new", breaking=False)
        if others is not False and others_now is False:
            yield SchemaReason(where, "refuses what it doesn't describe", breaking=True)
        elif others is not False:
            yield from self.compare(others, others_now, f"{where}/*")


class _Answers(_Comparison):
    """Bounds and patterns are not looked at: they rarely are what a caller's code stands on."""

    def _with_boolean(self, old: Schema, new: Schema, where: str) -> Iterator[SchemaReason]:
        yield from self.compare({} if isinstance(old, bool) else old, {} if isinstance(new, bool) else new, where)

    def _with_keywords(self, old: Mapping[str, Any], new: Mapping[str, Any], where: str) -> Iterator[SchemaReason]:
        yield from self._unjudged(old, new, where)
        more = _types(new) - _types(old)
        if "number" in _types(old):
            more -= {"integer"}
        if more:
            yield SchemaReason(where, f"may be {_listed(more)} now", breaking=True)
        known, now = _enum(old), _enum(new)
        if known is not None and (now is None or now - known):
            yield SchemaReason(where, "may have values that are new", breaking=False)
        described, members = old.get("properties", {}), new.get("properties", {})
        certain = set(new.get("required", ()))
        for name in sorted(set(old.get("required", ())) - certain):
            if name in members or name not in described:
                yield SchemaReason(f"{where}/{name}", "is not always there any more", breaking=True)
        for name, schema in described.items():
            if name not in members:
                yield SchemaReason(f"{where}/{name}", "is gone", breaking=True)
            else:
                yield from self.compare(schema, members[name], f"{where}/{name}")
        for name in sorted(members.keys() - described.keys()):
            yield SchemaReason(f"{where}/{name}", "is new", breaking=False)
        yield from self.compare(old.get("items", True), new.get("items", True), f"{where}/*")


def _resolved(schema: Schema, root: Mapping[str, Any]) -> Schema | None:
    """The schema a reference stands for; none for what can't be followed."""
    for _ in range(20):
        if isinstance(schema, bool) or "$ref" not in schema:
            return schema
        reference = schema["$ref"]
        if set(schema) - _SILENT != {"$ref"} or not reference.startswith("#/$defs/"):
            return None
        name = reference.removeprefix("#/$defs/").replace("~1", "/").replace("~0", "~")
        found: Any = root.get("$defs", {}).get(name)
        if not isinstance(found, bool | Mapping):
            return None
        schema = found
    return None


def _types(schema: Mapping[str, Any]) -> frozenset[str]:
    kinds = schema.get("type")
    if kinds is None:
        return _TYPES
    return frozenset([kinds] if isinstance(kinds, str) else kinds)


def _enum(schema: Mapping[str, Any]) -> frozenset[str] | None:
    """The values as canonical JSON."""
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    return frozenset(_key(value) for value in values) if values is not None else None


def _values(old: Mapping[str, Any], new: Mapping[str, Any], where: str) -> Iterator[SchemaReason]:
    allowed, now = _enum(old), _enum(new)
    if now is None:
        return
    if allowed is None:
        yield SchemaReason(where, "is limited to certain values now", breaking=True)
    elif allowed - now:
        yield SchemaReason(where, f"may not be {_listed(allowed - now)} any more", breaking=True)


def _bounds(old: Mapping[str, Any], new: Mapping[str, Any], where: str) -> Iterator[SchemaReason]:
    for keyword in _LOWER_BOUNDS:
        if keyword in new and (keyword not in old or new[keyword] > old[keyword]):
            yield SchemaReason(where, f"{keyword} is {new[keyword]} now", breaking=True)
    for keyword in _UPPER_BOUNDS:
        if keyword in new and (keyword not in old or new[keyword] < old[keyword]):
            yield SchemaReason(where, f"{keyword} is {new[keyword]} now", breaking=True)
    for keyword in _SAME_OR_GONE:
        if new.get(keyword) not in (None, False, old.get(keyword)):
            yield SchemaReason(where, f"{keyword} is {new[keyword]} now", breaking=True)


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _listed(values: frozenset[str]) -> str:
    shown = sorted(values)
    return ", ".join(shown[:5]) + (" …" if len(shown) > 5 else "")  # noqa: PLR2004 - read by people
