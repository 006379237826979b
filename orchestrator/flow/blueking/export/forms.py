"""A flow's form as the variables that are filled in when a task is created."""

from collections.abc import Iterator, Mapping
from typing import Any


def asked(form: Mapping[str, Any] | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Input → its constant."""
    properties: Mapping[str, Any] = {} if form is None else form["schema"].get("properties", {})
    for name, given in properties.items():
        schema = given if isinstance(given, Mapping) else {}
        yield (
            name,
            {
                "name": str(schema.get("title") or name),
                "desc": str(schema.get("description") or ""),
                "custom_type": _type(schema),
                "source_type": "custom",
                "source_tag": "",
                "source_info": {},
                "show_type": "show",
                "value": schema.get("default", ""),
                "validation": str(schema.get("pattern") or ""),
            },
        )


def _type(schema: Mapping[str, Any]) -> str:
    match schema.get("type"):
        case "string":
            return "input"
        case "integer" | ["integer", "string"]:
            return "int"
        case "array" if (schema.get("items") or {}).get("type") == "object":
            return "datatable"
        case _:
            return "select"
