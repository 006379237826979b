"""A model's schema as it goes over the wire: the shape pydantic 1 gave it, which forms and flow engines read."""

import inspect
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from trunkline_plugin.v1_habits import V1_SCHEMA

_REF = "#/definitions/"
_NULL = {"type": "null"}
_BESIDE_REF = ("title", "description", "default")
_OF_SCHEMAS = ("allOf", "anyOf", "oneOf", "items", "additionalProperties", "not")
_OF_NAMED_SCHEMAS = ("properties", "patternProperties")


def empty_schema() -> dict[str, Any]:
    return {"type": "object", "properties": {}, "required": [], "definitions": {}}


def wire_schema(model: type[BaseModel]) -> dict[str, Any]:
    """`type`, `properties`, `required` and `definitions`, always these four."""
    found = model.model_json_schema(ref_template=_REF + "{model}", schema_generator=_V1Shape)
    definitions = found.pop("$defs", {})
    shown = _shape(found, definitions)
    return {
        "type": "object",
        "properties": shown.get("properties", {}),
        "required": shown.get("required", []),
        "definitions": {name: _shape(part, definitions) for name, part in list(definitions.items())},
    }


class _V1Shape(GenerateJsonSchema):
    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012  pydantic's own declaration

    def enum_schema(self, schema: core_schema.EnumSchema) -> dict[str, Any]:
        found = schema["cls"]
        shown = {
            "title": found.__name__,
            "description": inspect.cleandoc(found.__doc__ or "An enumeration."),
            "enum": [member.value for member in schema["members"]],
        }
        for kind, name in ((str, "string"), (int, "integer"), (float, "number")):
            if issubclass(found, kind):
                return shown | {"type": name}
        return shown

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> dict[str, Any]:
        shown: dict[str, Any] = {"type": "number"}
        self.update_with_validations(shown, schema, self.ValidationsMapping.numeric)
        return shown


def _shape(part: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(part, list):
        return [_shape(item, definitions) for item in part]
    if not isinstance(part, dict):
        return part
    shown = {name: value for name, value in part.items() if not (name == "default" and value is None)}
    if V1_SCHEMA in shown:
        shown |= _hoist(shown.pop(V1_SCHEMA), definitions)
    shown = _without_null(shown)
    if "const" in shown:
        shown["enum"] = [shown.pop("const")]
    if shown.get("additionalProperties") is True:
        del shown["additionalProperties"]
    if "prefixItems" in shown:
        shown["items"] = shown.pop("prefixItems")
    if "$ref" in shown and any(name in shown for name in _BESIDE_REF):
        shown["allOf"] = [{"$ref": shown.pop("$ref")}]
    for name in shown.keys() & set(_OF_SCHEMAS):
        shown[name] = _shape(shown[name], definitions)
    for name in shown.keys() & set(_OF_NAMED_SCHEMAS):
        shown[name] = {key: _shape(value, definitions) for key, value in shown[name].items()}
    return shown


def _without_null(part: dict[str, Any]) -> dict[str, Any]:
    """A value that may be null is one that isn't required; the schema of its own is all that is shown."""
    choices = part.get("anyOf")
    if not isinstance(choices, list) or _NULL not in choices:
        return part
    others = [choice for choice in choices if choice != _NULL]
    rest = {name: value for name, value in part.items() if name != "anyOf"}
    return {**others[0], **rest} if len(others) == 1 else {**rest, "anyOf": others}


def _hoist(found: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """A schema that pydantic 1 wrote itself, with the models inside it among the others."""
    definitions.update(found.pop("definitions", {}))
    definitions[found["title"]] = found
    return {"$ref": _REF + found["title"]}
