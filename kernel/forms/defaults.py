"""Values a schema gives where data give none."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from kernel.forms.pointers import resolve_pointer


def with_defaults(schema: Mapping[str, Any], data: Any) -> Any:
    """`data` with `default`s of missing properties filled in, at every level and through `$ref` and `allOf`.

    Nothing is changed in place. A missing object without a default of its own is made when a property in it has one
    and the schema requires it. The schema must be a sound one: not recursive, with references that resolve.
    """
    return _filled(schema, data, schema)


def _filled(schema: Any, data: Any, root: Mapping[str, Any]) -> Any:
    if not isinstance(schema, Mapping):
        return data
    if isinstance(reference := schema.get("$ref"), str):
        data = _filled(resolve_pointer(root, reference.removeprefix("#")), data, root)
    for part in schema.get("allOf", ()):
        data = _filled(part, data, root)
    if isinstance(data, Mapping):
        return _filled_object(schema, data, root)
    items = schema.get("items")
    if isinstance(data, list) and isinstance(items, Mapping):
        return [_filled(items, item, root) for item in data]
    return data


def _filled_object(schema: Mapping[str, Any], data: Mapping[str, Any], root: Mapping[str, Any]) -> dict[str, Any]:
    filled = dict(data)
    required = schema.get("required", ())
    for name, part in schema.get("properties", {}).items():
        if name in filled:
            filled[name] = _filled(part, filled[name], root)
            continue
        found, value = _default_of(part, root)
        if found:
            filled[name] = _filled(part, deepcopy(value), root)
        elif name in required and isinstance(part, Mapping) and part.get("type") == "object":
            made = _filled(part, {}, root)
            if made:
                filled[name] = made
    return filled


def _default_of(schema: Any, root: Mapping[str, Any]) -> tuple[bool, Any]:
    if not isinstance(schema, Mapping):
        return False, None
    if "default" in schema:
        return True, schema["default"]
    if isinstance(reference := schema.get("$ref"), str):
        return _default_of(resolve_pointer(root, reference.removeprefix("#")), root)
    return False, None
