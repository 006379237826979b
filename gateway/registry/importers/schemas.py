"""Schemas of OpenAPI 3.0 and 3.1 as self-contained JSON Schema 2020-12.

References become `#/$defs/<name>`, with everything they reach carried along; what 3.0 spells differently is respelt:
`nullable`, boolean `exclusiveMinimum`/`exclusiveMaximum`, `example`, and a `$ref` that hides its siblings.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from gateway.registry.importers.references import Place, Problems, find, steps_of
from gateway.registry.importers.schema_cost import looks_too_often
from kernel.forms.data import SchemaUnusable, compile_validator, meta_validator

_ONE = frozenset(
    {
        "additionalProperties",
        "contains",
        "contentSchema",
        "else",
        "if",
        "items",
        "not",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    }
)
_SEVERAL = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_NAMED = frozenset({"properties", "patternProperties", "dependentSchemas", "$defs", "definitions"})
_OPENAPI_ONLY = frozenset({"discriminator", "xml", "externalDocs", "nullable", "example", "$schema", "$comment"})
_REFUSED = frozenset({"$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor"})
_MAX_SUBSCHEMAS = 5_000


class SchemaConverter:
    """Converts schemas of one document.

    Args:
        is_30: OpenAPI 3.0's dialect.
    """

    def __init__(self, document: Mapping[str, Any], problems: Problems, *, is_30: bool) -> None:
        self._document = document
        self._problems = problems
        self._is_30 = is_30

    def convert(self, schema: Any, place: Place, *, compiled: bool = False) -> dict[str, Any] | None:
        """The schema, or `None` with a problem named.

        Args:
            compiled: it will validate requests, so it must compile.
        """
        before = len(self._problems.found)
        conversion = _Conversion(self._document, self._problems, is_30=self._is_30, compiled=compiled)
        converted = conversion.whole(schema, place)
        if len(self._problems.found) > before:
            return None
        error = next(iter(meta_validator().iter_errors(converted)), None)
        if error is not None:
            self._problems.add((*place, *error.instance_path), "is no JSON Schema", "Compare it with the standard")
            return None
        if compiled:
            if looks_too_often(converted):
                self._problems.add(
                    place, "multiplies: parts that many refer to refer to many", "Refer to each part once"
                )
                return None
            try:
                compile_validator(converted)
            except SchemaUnusable:
                self._problems.add(place, "can't be compiled for validation", "Simplify it")
                return None
        return converted


class _Conversion:
    """One schema with all it reaches."""

    def __init__(self, document: Mapping[str, Any], problems: Problems, *, is_30: bool, compiled: bool) -> None:
        self._document = document
        self._problems = problems
        self._is_30 = is_30
        self._compiled = compiled
        self._names: dict[str, str] = {}
        self._waiting: list[tuple[str, Any, Place]] = []
        self._count = 0

    def whole(self, schema: Any, place: Place) -> dict[str, Any]:
        converted = self._schema(schema, place)
        result = converted if isinstance(converted, dict) else ({} if converted else {"not": {}})
        definitions: dict[str, Any] = {}
        while self._waiting:
            name, target, target_place = self._waiting.pop()
            definitions[name] = self._schema(target, target_place)
        own = result.get("$defs", {})
        if definitions and isinstance(own, dict):  # anything else is told as what no JSON Schema has
            result = {**result, "$defs": {**own, **dict(sorted(definitions.items()))}}
        return result

    def _schema(self, schema: Any, place: Place) -> Any:
        self._count += 1
        if self._count > _MAX_SUBSCHEMAS:
            if self._count == _MAX_SUBSCHEMAS + 1:
                self._problems.add(place, f"reaches more than {_MAX_SUBSCHEMAS} subschemas", "Make it smaller")
            return {}
        if isinstance(schema, bool):
            return schema
        if not isinstance(schema, dict):
            self._problems.add(place, "is no schema", "Give an object")
            return {}
        refused = sorted(_REFUSED & schema.keys())
        if refused:
            self._problems.add((*place, refused[0]), "is not supported", "Refer by #/components/schemas/…")
            return {}
        if "$ref" in schema and self._is_30:
            schema = {"$ref": schema["$ref"]}
        converted = {
            keyword: self._keyword(keyword, value, (*place, keyword))
            for keyword, value in schema.items()
            if keyword not in _OPENAPI_ONLY and not keyword.startswith("x-")
        }
        if "example" in schema and "examples" not in converted:
            converted["examples"] = [schema["example"]]
        return _respelt(converted, schema) if self._is_30 else converted

    def _keyword(self, keyword: str, value: Any, place: Place) -> Any:
        if keyword == "$ref":
            return self._reference(value, place)
        if keyword == "pattern":
            self._check_pattern(value, place)
        if keyword in _ONE:
            return self._schema(value, place)
        if keyword in _SEVERAL and isinstance(value, list):
            return [self._schema(part, (*place, index)) for index, part in enumerate(value)]
        if keyword in _NAMED and isinstance(value, dict):
            if keyword == "patternProperties":
                for pattern in value:
                    self._check_pattern(pattern, (*place, pattern))
            return {name: self._schema(part, (*place, name)) for name, part in value.items()}
        return value

    def _check_pattern(self, pattern: Any, place: Place) -> None:
        if self._compiled and isinstance(pattern, str) and not _compiles(pattern):
            self._problems.add(
                place, "is no pattern that can be matched here", "Do without look-around, back references, huge counts"
            )

    def _reference(self, reference: Any, place: Place) -> str:
        if isinstance(reference, str) and reference in self._names:
            return f"#/$defs/{self._names[reference]}"
        target = find(self._document, reference, place, self._problems)
        if target is None:
            return "#"
        steps = steps_of(reference)
        wanted = "".join(
            sign if sign.isascii() and (sign.isalnum() or sign in "_.-") else "_"
            for sign in str(steps[-1:][0] if steps else "document")
        )
        name, number = wanted, 1
        while name in self._names.values():
            number += 1
            name = f"{wanted}_{number}"
        self._names[reference] = name
        self._waiting.append((name, target, steps))
        return f"#/$defs/{name}"


@lru_cache(maxsize=1_000)
def _compiles(pattern: str) -> bool:
    try:
        compile_validator({"pattern": pattern})
    except SchemaUnusable:
        return False
    return True


def _respelt(converted: dict[str, Any], original: Mapping[str, Any]) -> dict[str, Any]:
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(converted.get(exclusive), bool) and converted.pop(exclusive) and bound in converted:
            converted[exclusive] = converted.pop(bound)
    if original.get("nullable") is not True:
        return converted
    kind = converted.get("type")
    if isinstance(kind, str):
        nullable = {**converted, "type": [kind, "null"]}
        if isinstance(nullable.get("enum"), list) and None not in nullable["enum"]:
            nullable["enum"] = [*nullable["enum"], None]
        return nullable
    if {"allOf", "anyOf", "oneOf", "enum"} & converted.keys():
        return {"anyOf": [converted, {"type": "null"}]}
    return converted
