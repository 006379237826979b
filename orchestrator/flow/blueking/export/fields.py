"""What a schema of ours says of a value, as a variable of Standard OPS."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from orchestrator.flow.blueking.fields import ALWAYS, TIME

PICKER: Final = "ip_selector"
PICKER_TAG: Final = "var_cmdb_ip_selector.ip_selector"
_WORDS: Final = frozenset({"title", "description", "default"})
_MULTI_LINE: Final = "textarea"
_SHORT_TIME: Final = re.compile(r"\d{2}:\d{2}")
_BOTH: Final = 3
"""Members of a schema that says its choices twice."""


def variable_of(schema: Mapping[str, Any], value: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """Type and value of a variable.

    Args:
        value: as Standard OPS reads it.
        options: of the control in the form.
    """
    plain = {name: part for name, part in schema.items() if name not in _WORDS}
    choices = _choices(plain)
    if choices:
        items = json.dumps(choices, ensure_ascii=False)
        return _described("select", {"datasource": "0", "items_text": items, "type": "0", "default": value})
    columns = _columns(plain)
    if columns:
        rows = json.dumps(value, ensure_ascii=False) if isinstance(value, list) else ""
        return _described("datatable", {"columns_text": json.dumps(columns, ensure_ascii=False), "default_text": rows})
    kind = _kind(plain, options)
    if kind == "time" and isinstance(value, str) and _SHORT_TIME.fullmatch(value):
        value = f"{value}:00"  # it is named without its seconds there
    pattern = "" if kind in {"time", "datetime"} else str(schema.get("pattern") or "")
    return {"custom_type": kind, "source_tag": f"{kind}.{kind}", "value": value, "validation": pattern}


def kind_of(schema: Mapping[str, Any]) -> str:
    """The type of a variable."""
    return str(variable_of(schema, "", {})["custom_type"])


def _described(kind: str, config: dict[str, Any]) -> dict[str, Any]:
    """A variable that has its description for a value."""
    return {"custom_type": kind, "source_tag": f"{kind}.{kind}", "is_meta": True, "value": config, "validation": ""}


def _kind(plain: Mapping[str, Any], options: Mapping[str, Any]) -> str:
    free = plain if plain == TIME else {name: part for name, part in plain.items() if name != "pattern"}
    for kind, known in ALWAYS.items():
        if known in (plain, free):
            return kind
    match plain.get("type"):
        case "string":
            return _MULTI_LINE if options.get("multi") is True else "input"
        case "integer":
            return "int"
        case "array" if (plain.get("items") or {}).get("type") == "object":
            return "datatable"
        case _:
            return "select"


def _choices(plain: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Empty for what is no choice between values."""
    match plain:
        case {"enum": [*values]}:
            found = [{"text": str(value), "value": value} for value in values]
        case {"oneOf": [*values]} if all(_is_choice(value) for value in values):
            found = [{"text": value["title"], "value": value["const"]} for value in values]
        case _:
            return []
    return found if plain.keys() <= {"type", "enum", "oneOf"} and len(plain) < _BOTH else []


def _is_choice(value: Any) -> bool:
    return isinstance(value, Mapping) and value.keys() == {"const", "title"}


def _columns(plain: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Empty for what is no table with named columns."""
    items = plain.get("items") if plain.get("type") == "array" else None
    properties = items.get("properties") if isinstance(items, Mapping) else None
    if not isinstance(properties, Mapping):
        return []
    return [
        {"tag_code": name, "type": _column_type(each), "attrs": {"name": str(each.get("title") or name)}}
        for name, each in properties.items()
        if isinstance(each, Mapping)
    ]


def _column_type(column: Mapping[str, Any]) -> str:
    return "input" if column.get("type") == "string" else "select"
