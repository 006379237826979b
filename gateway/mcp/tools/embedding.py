"""Schemas set into a larger one: what refers to their own root then refers to where they stand."""

from collections.abc import Mapping
from typing import Any

_MAX_STEPS = 10
_LITERAL = frozenset({"const", "default", "enum", "examples"})


def unfolded(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema that is but a reference to one of its definitions, with that definition in the reference's place."""
    definitions = schema.get("$defs", {})
    for _ in range(_MAX_STEPS):
        reference = schema.get("$ref", "")
        name = reference.removeprefix("#/$defs/")
        beside = schema.keys() - {"$ref", "$defs", "description", "title"}
        if beside or name == reference or not isinstance(definitions.get(name), Mapping):
            return schema
        own = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**definitions[name], **own}
    return schema


def has_references(schema: Any) -> bool:
    return any(True for _ in _references(schema))


def refers_only_to_definitions(schema: Any) -> bool:
    return all(reference.startswith("#/$defs/") for reference in _references(schema))


def rebased(schema: Any, root: str) -> Any:
    """A copy in which `#…` has become `{root}…`.

    Args:
        root: the new place of the schema's root, e.g. `#/$defs/body`.
    """
    if isinstance(schema, Mapping):
        return {
            name: value
            if name in _LITERAL
            else root + value[1:]
            if name == "$ref" and isinstance(value, str) and value.startswith("#")
            else rebased(value, root)
            for name, value in schema.items()
        }
    if isinstance(schema, list):
        return [rebased(each, root) for each in schema]
    return schema


def _references(schema: Any) -> Any:
    if isinstance(schema, Mapping):
        for name, value in schema.items():
            if name == "$ref" and isinstance(value, str):
                yield value
            elif name not in _LITERAL:
                yield from _references(value)
    elif isinstance(schema, list):
        for each in schema:
            yield from _references(each)
