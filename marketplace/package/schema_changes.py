"""What another schema changes for those who give values by it, or are given them: at every depth, and never by texts
that are read alone.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from marketplace.package.change import (
    CLOSED,
    DEFAULT,
    FEWER,
    GONE,
    MORE,
    NARROWER,
    NEW,
    NEW_REQUIRED,
    OPEN,
    OTHER,
    REQUIRED,
    REQUIRED_GONE,
    REQUIRED_NO_MORE,
    TYPE,
    WIDER,
    Change,
    Step,
)

Schema = Mapping[str, Any]

_AT_MOST: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_AT_LEAST: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_LIMITS: Final = (*_AT_MOST, *_AT_LEAST, "pattern", "const", "multipleOf", "uniqueItems", "required")
_NO_LIMIT: Final[Schema] = {
    "uniqueItems": False,
    "required": [],
    **dict.fromkeys(("minLength", "minItems", "minProperties"), 0),
}
_CHOICES: Final = ("allOf", "anyOf", "oneOf")
_DEFINITIONS: Final = ("#/$defs/", "#/definitions/")


def changes_of_given(before: Schema, after: Schema, place: str) -> Iterator[Change]:
    """Of objects that are given to a plugin: more may be taken, nothing more may be asked for."""
    comparison = _Comparison(before, after, given=True)
    yield from comparison.members(before, after, place)
    yield from _limits(before, after, place)
    if _properties(before).keys() & _properties(after).keys():
        yield from comparison.others(before, after, place)


def changes_of_taken(before: Schema, after: Schema, place: str) -> Iterator[Change]:
    """Of objects that a plugin gives: less may not be given."""
    yield from _Comparison(before, after, given=False).members(before, after, place)


class _Comparison:
    """Args:
    before, after: the whole schemas, in which references are looked up.
    given: by users, who may break limits; a plugin that keeps itself to others breaks nobody.
    """

    def __init__(self, before: Schema, after: Schema, *, given: bool) -> None:
        self._before = before
        self._after = after
        self._given = given
        self._met: set[tuple[Any, Any]] = set()

    def members(self, old: Schema, new: Schema, place: str) -> Iterator[Change]:
        """Of two objects: the properties of each, and which of them there must be."""
        had, has = _properties(old), _properties(new)
        was, now = (set(_required(schema)) if self._given else set[str]() for schema in (old, new))
        for name in sorted(had.keys() - has.keys()):
            yield Change(f"{place}.{name}", REQUIRED_GONE if name in was else GONE, Step.MAJOR)
        for name in sorted(has.keys() - had.keys()):
            required = name in now
            yield Change(f"{place}.{name}", NEW_REQUIRED if required else NEW, Step.for_change(breaks=required))
        for name in sorted(had.keys() & has.keys()):
            here = f"{place}.{name}"
            if (name in now) != (name in was):
                required = name in now
                yield Change(here, REQUIRED if required else REQUIRED_NO_MORE, Step.for_change(breaks=required))
            yield from self._values(had[name], has[name], here)

    def others(self, old: Schema, new: Schema, place: str) -> Iterator[Change]:
        """Of members that no property names."""
        was, now = _others(old), _others(new)
        if isinstance(was, Mapping) and isinstance(now, Mapping):
            yield from self._values(was, now, f"{place}.*")
        elif self._given and was != now:
            closed = now is False or was is True
            yield Change(place, CLOSED if closed else OPEN, Step.for_change(breaks=closed))

    def _values(self, old: Any, new: Any, place: str) -> Iterator[Change]:
        """Of two schemas of one value; each may be true or false as well."""
        old, new = ({} if schema is True else schema for schema in (old, new))
        if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
            if old != new:
                yield Change(place, TYPE, Step.MAJOR)
        elif not self._is_met(old, new):
            yield from self._resolved_values(_resolved(old, self._before), _resolved(new, self._after), place)

    def _is_met(self, old: Schema, new: Schema) -> bool:
        """Whether the two were compared where a reference led to them before; notes that they are."""
        met = (old.get("$ref"), new.get("$ref"))
        if None in met or met in self._met:
            return None not in met
        self._met.add(met)
        return False

    def _resolved_values(self, old: Schema, new: Schema, place: str) -> Iterator[Change]:
        if _retyped(old, new):
            yield Change(place, TYPE, Step.MAJOR)
            return
        if old.get("default") != new.get("default"):
            yield Change(place, DEFAULT, Step.MINOR)
        yield from self._enums(old, new, place)
        if self._given:
            yield from _limits(old, new, place)
        yield from self._choices(old, new, place)
        yield from self.members(old, new, place)
        yield from self.others(old, new, place)
        if old.get("items") and new.get("items"):
            yield from self._values(old["items"], new["items"], f"{place}[]")

    def _choices(self, old: Schema, new: Schema, place: str) -> Iterator[Change]:
        """Of schemas several or one of which holds. What is wider in one of `oneOf` may no longer be told from
        another.
        """
        for name in _CHOICES:
            pairs = zip(old.get(name, ()), new.get(name, ()), strict=True)
            found = [change for was, now in pairs for change in self._values(was, now, place)]
            yield from [Change(place, TYPE, Step.MAJOR)] if found and name == "oneOf" else found

    def _enums(self, old: Schema, new: Schema, place: str) -> Iterator[Change]:
        was, now = old.get("enum"), new.get("enum")
        if was == now:
            return
        lost = now is not None and (self._given if was is None else any(value not in now for value in was))
        if lost:
            yield Change(place, FEWER if self._given else OTHER, Step.MAJOR)
        else:
            yield Change(place, MORE, Step.MINOR)


def _retyped(old: Schema, new: Schema) -> bool:
    """Whether values of one are read otherwise by the other, as far as the two can be compared at all."""
    if any(old.get(name) != new.get(name) for name in ("type", "format", "$ref")):
        return True
    if any(bool(old.get(name)) != bool(new.get(name)) for name in ("properties", "items")):
        return True
    return any(len(old.get(name, ())) != len(new.get(name, ())) for name in _CHOICES)


def _resolved(schema: Schema, root: Schema) -> Schema:
    """What a reference into the schema's own definitions stands for, with what is said beside it; any other stays."""
    followed: set[str] = set()
    while isinstance(ref := schema.get("$ref"), str) and ref not in followed:
        followed.add(ref)
        found = _definition(ref, root)
        if found is None:
            break
        schema = {**found, **{name: value for name, value in schema.items() if name != "$ref"}}
    return schema


def _definition(ref: str, root: Schema) -> Schema | None:
    for prefix in _DEFINITIONS:
        if ref.startswith(prefix):
            known = root.get(prefix[2:-1])
            found = known.get(ref.removeprefix(prefix)) if isinstance(known, Mapping) else None
            return found if isinstance(found, Mapping) else None
    return None


def _limits(old: Schema, new: Schema, place: str) -> Iterator[Change]:
    """Of limits that a value is held to. Which texts two patterns have in common nobody can tell: another one is a
    narrower one.
    """
    changed = [name for name in _LIMITS if _limit(old, name) != _limit(new, name)]
    narrowed = [name for name in changed if _is_narrower(old, new, name)]
    if narrowed:
        yield Change(place, NARROWER, Step.MAJOR, {"rules": tuple(narrowed)})
    elif changed:
        yield Change(place, WIDER, Step.MINOR, {"rules": tuple(changed)})


def _limit(schema: Schema, name: str) -> Any:
    """None where it keeps nothing out. Of members that must be there those that no property describes: the others are
    told of one by one.
    """
    value = schema.get(name)
    if name == "required":
        value = sorted(set(_required(schema)) - _properties(schema).keys())
    return None if value == _NO_LIMIT.get(name) else value


def _is_narrower(old: Schema, new: Schema, name: str) -> bool:
    was, now = _limit(old, name), _limit(new, name)
    if now is None or was is None:
        return now is not None
    if isinstance(was, list) and isinstance(now, list):
        return any(each not in was for each in now)
    if isinstance(was, int | float) and isinstance(now, int | float) and name in (*_AT_MOST, *_AT_LEAST):
        return now < was if name in _AT_MOST else now > was
    return True


def _properties(schema: Schema) -> Schema:
    found: Schema = schema.get("properties", {})
    return found


def _required(schema: Schema) -> list[str]:
    found: list[str] = schema.get("required", [])
    return found


def _others(schema: Schema) -> Any:
    """What members that no property names are held to: a schema, or whether there may be any."""
    found = schema.get("additionalProperties", True)
    return True if found == {} else found
