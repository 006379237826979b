"""The JSON Schema of a tag's value, by its type."""

from collections.abc import Callable, Mapping
from typing import Any

from kernel.forms.data import SchemaUnusable, compile_validator
from kernel.forms.schema import MAX_PATTERN
from marketplace.legacy_forms.evaluated import Pattern, Tag, marked, readable

_PLAIN: dict[str, Any] = {"type": ["string", "number", "boolean"]}
_MAX_CHOICES = 500
Schema = dict[str, Any]


def value_schema(tag: Tag, *, open_choices: bool, inner: Mapping[str, Schema]) -> Schema:
    """The schema without title and default.

    Args:
        open_choices: whether choices may come or go at run time, so that the listed ones bind nobody.
        inner: the schemas of what stands in it, by code.
    """
    make = _BY_TYPE.get(tag.type)
    if make is not None:
        return make(tag)
    if tag.type in {"combine", "datatable"}:
        return _composite(tag, inner)
    if tag.type in {"radio", "checkbox", "select"}:
        return _choice(tag, open_choices=open_choices)
    return {}


def is_many(tag: Tag) -> bool:
    """Whether its value is a list of choices."""
    return tag.type == "checkbox" or (tag.type == "select" and tag.attributes.get("multiple") is True)


def choices(tag: Tag) -> list[tuple[Any, str]]:
    """What can be chosen: each value once, with its text."""
    found: dict[str, tuple[Any, str]] = {}
    for item in _leaves(tag.attributes.get("items")):
        value, text = item.get("value"), item.get("text", item.get("name"))
        if isinstance(value, (str, int, float, bool)) and not (isinstance(value, str) and marked(value)):
            shown = readable(text) if isinstance(text, str) else str(value)
            found.setdefault(f"{type(value).__name__}:{value}", (value, shown))
    return list(found.values())[:_MAX_CHOICES]


def static_pattern(tag: Tag) -> str | None:
    """The pattern of its first regex rule, when a schema can say the same."""
    for rule in rules(tag):
        if rule.get("type") != "regex":
            continue
        args = rule.get("args")
        source = args.source if isinstance(args, Pattern) and not args.flags.strip("gu") else args
        if isinstance(source, str) and len(source) <= MAX_PATTERN and _compiles(source):
            return source
    return None


def rules(tag: Tag) -> list[Mapping[str, Any]]:
    """Its validation rules, in order."""
    found = tag.attributes.get("validation")
    return [rule for rule in found if isinstance(rule, dict)] if isinstance(found, list) else []


def _leaves(items: Any) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for item in items if isinstance(items, list) else []:
        if not isinstance(item, dict):
            continue
        options = item.get("options")
        found.extend(_leaves(options) if isinstance(options, list) else [item])
    return found


def _compiles(pattern: str) -> bool:
    try:
        compile_validator({"pattern": pattern})
    except SchemaUnusable:
        return False
    return True


def _text(_tag: Tag) -> Schema:
    return {"type": "string"}


def _whole(tag: Tag) -> Schema:
    schema: Schema = {"type": "integer"}
    for name, keyword in (("min", "minimum"), ("max", "maximum")):
        bound = tag.attributes.get(name)
        if isinstance(bound, (int, float)) and not isinstance(bound, bool):
            schema[keyword] = bound
    return schema


def _time(tag: Tag) -> Schema:
    if tag.attributes.get("isRange") is True or str(tag.attributes.get("type", "")).endswith("range"):
        return {"type": "array", "items": {"type": "string"}, "maxItems": 2}
    return {"type": "string"}


def _keys(_tag: Tag) -> Schema:
    return {"type": "array", "items": _PLAIN}


def _path(tag: Tag) -> Schema:
    one = {"type": "array", "items": _PLAIN}
    return {"type": "array", "items": one} if tag.attributes.get("multiple") is True else one


def _hosts(_tag: Tag) -> Schema:
    lists = ("static_ip_table_config", "ip", "topo", "group", "filters", "excludes")
    chosen: Schema = {name: {"type": "array", "items": {"type": "object"}} for name in lists[1:]}
    selectors = {"type": "array", "items": {"enum": ["ip", "topo", "group", "manual"]}}
    others = {lists[0]: {"type": "array"}, "selectors": selectors, "with_cloud_id": {"type": "boolean"}}
    return {"type": "object", "properties": {**others, **chosen}}


def _allocation(_tag: Tag) -> Schema:
    lines = {"type": "array", "items": {"type": "object"}}
    return {
        "type": "object",
        "properties": {"config": {"type": "object"}, "data": lines, "separator": {"type": "string"}},
    }


def is_sealed(tag: Tag) -> bool:
    """Whether what is typed is sealed by the plugin's own key."""
    key = tag.attributes.get("pubKey")
    return tag.type == "password" and isinstance(key, str) and key != "" and not marked(key)


def _password(tag: Tag) -> Schema:
    if not is_sealed(tag):
        return {"type": "string"}
    parts = {"type": {"const": "password_value"}, "tag": {"enum": ["value", "variable"]}, "value": {"type": "string"}}
    return {"type": "object", "properties": parts, "required": ["value"]}


def _files(tag: Tag) -> Schema:
    parts = {"name": {"type": "string", "maxLength": 255}, "size": {"type": "integer", "minimum": 0}}
    schema: Schema = {"type": "array", "items": {"type": "object", "properties": parts, "required": ["name"]}}
    limit = 1 if tag.attributes.get("multiple") is False else tag.attributes.get("limit")
    return schema | {"maxItems": limit} if isinstance(limit, int) and limit > 0 else schema


def _composite(tag: Tag, inner: Mapping[str, Schema]) -> Schema:
    schema: Schema = {"type": "object", "properties": dict(inner)}
    required = [one.code for one in tag.inner if is_required(one)]
    if required:
        schema["required"] = required
    return schema if tag.type == "combine" else {"type": "array", "items": schema}


def is_required(tag: Tag) -> bool:
    """Whether a value must be given as long as the tag is shown."""
    return any(rule.get("type") == "required" for rule in rules(tag)) and tag.attributes.get("hidden") is not True


def _choice(tag: Tag, *, open_choices: bool) -> Schema:
    known = choices(tag)
    one: Schema = dict(_PLAIN)
    if known and not open_choices:
        one = {"oneOf": [{"const": value, "title": text} for value, text in known]}
    return {"type": "array", "items": one} if is_many(tag) else one


_BY_TYPE: dict[str, Callable[[Tag], Schema]] = {
    "input": _text,
    "textarea": _text,
    "member_selector": _text,
    "code_editor": _text,
    "password": _password,
    "datetime": _time,
    "time": _time,
    "int": _whole,
    "tree": _keys,
    "cascader": _path,
    "ip_selector": _hosts,
    "set_allocation": _allocation,
    "host_allocation": _allocation,
    "upload": _files,
}
