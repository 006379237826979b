"""The components of an embedded system, answered by another one. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any, Final

from gateway.dataplane.declared_types import types_of
from gateway.registry.back_ends.table import Answering, BackEndTable, Way
from gateway.registry.component_definition import ComponentDefinition
from gateway.snapshot.model.mapping import VALUE_TYPES
from gateway.snapshot.model.matching import parameters_of
from gateway.snapshot.model.variables import REFERENCE
from gateway.wire.codes import ESB_NO_COMPONENT, ESB_SUCCESS

_OF_VALUES: Final = frozenset(
    {
        "const", "enum", "exclusiveMaximum", "exclusiveMinimum", "format", "maxItems", "maxLength", "maxProperties",
        "maximum", "minItems", "minLength", "minProperties", "minimum", "multipleOf", "pattern", "uniqueItems",
    }
)  # fmt: skip
"""What the embedded system asks of values; another one asks its own: its ids may be longer, its choices more."""
_OF_ANSWERS: Final = _OF_VALUES | {"required"}
"""What another system needn't tell."""
_BY_NAME: Final = frozenset({"properties", "patternProperties", "$defs", "dependentSchemas"})


def answered_by(component: ComponentDefinition, table: BackEndTable, way_name: str) -> ComponentDefinition:
    """The component as the other system answers it on that way; one it can't answer refuses every call, saying so."""
    way, row = table.ways[way_name], table.components.get(component.name)
    reason = lack_of(component.name, table, way_name)
    if row is None or reason is not None:
        message = f"{component.name} is not to be had on this back end: {reason}"
        schema = _narrowed(component.body_schema)  # its ids are that system's, whatever may come of it
        return replace(component, body_schema=schema, mock=_fixed(ESB_NO_COMPONENT, message, None))
    if row.always is not None:
        schema = _narrowed(component.body_schema)
        return replace(component, body_schema=schema, mock=_fixed(ESB_SUCCESS, "", row.always))
    answering = row.answered[way.answers]
    rename = way.rename | answering.rename
    policies: list[dict[str, Any]] = []
    if rename or row.adds:
        renaming = {name: told for name, told in (("members", rename), ("adds", row.adds)) if told}
        policies.append({"kind": "answer-rename", "config": renaming})
    if way.envelope:
        policies.append({"kind": "answer-envelope", "config": {}})
    return replace(
        component,
        parameters=tuple(replace(each, schema=_shape(each.schema)) for each in component.parameters),
        response_schema=_shape(component.response_schema, _OF_ANSWERS) if component.response_schema else None,
        body_schema=_narrowed(component.body_schema, row.narrows, answering.narrows),
        upstream_method=answering.method,
        upstream_path=f"{way.prefix}{answering.path}",
        mapping=(*row.mapping, *_mapping(component, way, answering, row.mapping)),
        policies=(*component.policies, *policies),
    )


def lack_of(name: str, table: BackEndTable, way_name: str) -> str | None:
    """Why the component can't be answered on that way; none if it can."""
    row = table.components.get(name)
    if row is not None and way_name in row.lacks:
        return row.lacks[way_name]
    if row is None or (row.always is None and table.ways[way_name].answers not in row.answered):
        return "that system has none like it"
    return None


def _mapping(
    component: ComponentDefinition, way: Way, answering: Answering, told: Sequence[Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Only what does not pass as it is, and is not told already."""
    here = "query" if component.is_get else "body"
    known = set(_names(told))
    schemas = {name: schema for name, schema in _parameters(component).items() if name not in known}
    in_path = parameters_of(REFERENCE.sub("v", answering.path))
    own_path = set(parameters_of(component.path))
    for name in in_path:
        if name in own_path:
            continue  # it stands there already
        yield {"to": {"in": "path", "name": name}, "from": {"in": here, "name": name}, "required": True}
    if answering.body is not None:
        yield {"to": {"in": "body", "name": ""}, "from": {"in": "body", "name": answering.body}, "required": True}
    there = "query" if answering.method == "GET" else "body"
    for name, schema in schemas.items():
        moved = answering.moves.get(name, name)
        if name not in in_path and name != answering.body and (there, moved) != (here, name):
            to = {"in": there, "name": moved} | ({"type": _value_type(schema)} if there == "body" else {})
            yield {"to": to, "from": {"in": here, "name": name}}
    for parameter in component.parameters:
        name = parameter.name
        if parameter.location == "path" and name not in known and name not in in_path:
            to = {"in": there, "name": answering.moves.get(name, name)}
            kind = {"type": _value_type(parameter.schema)} if there == "body" else {}
            yield {"to": to | kind, "from": {"in": "path", "name": name}}
    for header, variable in way.headers.items():
        yield {"to": {"in": "header", "name": header}, "from": {"variable": variable}}


def _names(told: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for entry in told:
        sources = entry["from"] if isinstance(entry["from"], list) else [entry["from"]]
        yield from (place["name"] for place in (entry["to"], *sources) if "name" in place)


def _parameters(component: ComponentDefinition) -> Mapping[str, Any]:
    if component.is_get:
        return {each.name: each.schema for each in component.parameters if each.location == "query"}
    properties: Mapping[str, Any] = (component.body_schema or {}).get("properties", {})
    return properties


def _value_type(schema: Mapping[str, Any]) -> str:
    """As what a text becomes JSON."""
    types = types_of(schema)
    return next((each for each in VALUE_TYPES if each in types), "string")


def _narrowed(schema: Mapping[str, Any] | None, *more: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if schema is None:
        return None
    narrower = [dict(each) for each in more if each]
    return _shape(schema) | ({"allOf": narrower} if narrower else {})


def _shape(schema: Mapping[str, Any], dropped: AbstractSet[str] = _OF_VALUES) -> dict[str, Any]:
    """Names and types alone."""
    kept: dict[str, Any] = {}
    for name, value in schema.items():
        if name in _BY_NAME and isinstance(value, Mapping):
            kept[name] = {key: _inner(each, dropped) for key, each in value.items()}
        elif name not in dropped:
            kept[name] = _inner(value, dropped)
    return kept


def _inner(value: Any, dropped: AbstractSet[str]) -> Any:
    if isinstance(value, Mapping):
        return _shape(value, dropped)
    return [_inner(each, dropped) for each in value] if isinstance(value, list) else value


def _fixed(code: int, message: str, data: Mapping[str, Any] | None) -> dict[str, Any]:
    answer = {"result": code == ESB_SUCCESS, "code": code, "message": message, "data": data}
    return {"status": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(answer)}
