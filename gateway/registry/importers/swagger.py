"""Swagger 2 spells operations otherwise than OpenAPI 3; schemas are those of OpenAPI 3.0."""

from collections.abc import Mapping
from typing import Any

from gateway.registry.component_definition import ParameterDefinition
from gateway.registry.importers.operations import OperationReader
from gateway.registry.importers.references import Place, follow

_SCHEMA_MEMBERS = frozenset(
    {
        "type", "format", "items", "default", "enum", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum",
        "maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "multipleOf",
    }
)  # fmt: skip
_IN_BODY = frozenset({"body", "formData"})
_DELIMITED = {"ssv": "spaceDelimited", "pipes": "pipeDelimited"}


class SwaggerOperationReader(OperationReader):
    def _parameter(self, given: Any, place: Place) -> ParameterDefinition | None:
        parameter, at = follow(self._document, given, place, self._problems)
        if not isinstance(parameter, dict):
            return super()._parameter(given, place)
        if parameter.get("in") in _IN_BODY:
            return None
        inline = {name: value for name, value in parameter.items() if name in _SCHEMA_MEMBERS}
        outside = {name: value for name, value in parameter.items() if name not in _SCHEMA_MEMBERS}
        return super()._parameter({**outside, **_as_openapi_3(inline, outside)}, at)

    def _body(self, operation: Mapping[str, Any], item: Mapping[str, Any], place: Place) -> dict[str, Any] | None:
        """Of the parameter that stands in the body. A form is none: its fields pass as they are."""
        for source, where in ((operation, place), (item, place[:-1])):
            given = source.get("parameters", [])
            for index, each in enumerate(given if isinstance(given, list) else ()):
                parameter, at = follow(self._document, each, (*where, "parameters", index), self._problems)
                if isinstance(parameter, dict) and parameter.get("in") == "body" and "schema" in parameter:
                    return self._converter.convert(parameter["schema"], (*at, "schema"), compiled=True)
        return None

    def _answer_schema(self, answer: Mapping[str, Any], at: Place) -> dict[str, Any] | None:
        schema = answer.get("schema")
        return self._converter.convert(schema, (*at, "schema")) if schema is not None else None

    def _security_schemes(self) -> tuple[Any, Place]:
        return self._document.get("securityDefinitions"), ("securityDefinitions",)


def _as_openapi_3(schema: dict[str, Any], parameter: Mapping[str, Any]) -> dict[str, Any]:
    """The schema, and OpenAPI 3's names for how a list is written."""
    if schema.get("type") != "array":
        return {"schema": schema}
    collection = parameter.get("collectionFormat", "csv")
    if collection == "multi":
        return {"schema": schema, "explode": True}
    if collection == "csv":
        return {"schema": schema, "explode": False}
    if collection in _DELIMITED:
        return {"schema": schema, "style": _DELIMITED[collection], "explode": False}
    return {"schema": {"type": "string"}}  # tabs: OpenAPI 3 has no name for these
