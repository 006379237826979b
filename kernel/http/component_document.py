"""The OpenAPI 3.1 document of an embedded system, from the models its components read and answer with."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, TypeAdapter

from kernel.http.event_streams import MEDIA_TYPE as EVENTS

_REF = "#/components/schemas/{model}"
_SECURITY_SCHEME = "oauth2"
_IN_PATH = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Words:
    """One text in both languages of the product."""

    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class ComponentFacts:
    """What a component declares to its callers.

    Attributes:
        method: the one the document offers; the other of GET and POST is answered too.
        params: the model of its parameters. answer: the type of `data`.
        scope: what a caller's token needs.
        streams: answers server-sent events; `answer` is the data of each then.
        path: where it is served, with parameters in braces; empty for below its name.
    """

    name: str
    method: str
    params: type[BaseModel]
    answer: Any
    scope: str
    is_read: bool
    summary: Words
    description: Words
    streams: bool = False
    path: str = ""

    @property
    def address(self) -> str:
        return self.path or f"/{self.name}"

    @property
    def in_path(self) -> frozenset[str]:
        """Names of the parameters that stand in the path."""
        return frozenset(_IN_PATH.findall(self.path))


@dataclass(frozen=True, slots=True)
class SystemFacts:
    """Attributes:
    name: the registered name. scopes: every scope with its meaning.
    """

    name: str
    aliases: tuple[str, ...]
    title: Words
    description: Words
    version: str
    scopes: dict[str, Words]


def openapi_document(system: SystemFacts, components: Iterable[ComponentFacts]) -> dict[str, Any]:
    """The document; `x-zh` carries the Chinese of title, summary and description."""
    schemas: dict[str, Any] = {}
    paths = {facts.address: {facts.method.lower(): _operation(facts, system, schemas)} for facts in components}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": system.title.en,
            "description": system.description.en,
            "version": system.version,
            "x-zh": {"title": system.title.zh, "description": system.description.zh},
        },
        "x-trunkline-system": {"name": system.name, "aliases": list(system.aliases)},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                _SECURITY_SCHEME: {
                    "type": "oauth2",
                    "flows": {
                        "clientCredentials": {
                            "tokenUrl": "/oauth/token",
                            "scopes": {name: words.en for name, words in system.scopes.items()},
                        }
                    },
                    "x-zh": {"scopes": {name: words.zh for name, words in system.scopes.items()}},
                }
            },
        },
    }


def _operation(facts: ComponentFacts, system: SystemFacts, schemas: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": facts.name,
        "tags": [system.name],
        "summary": facts.summary.en,
        "description": facts.description.en,
        "x-zh": {"summary": facts.summary.zh, "description": facts.description.zh},
        "x-trunkline-read": facts.is_read,
        "x-trunkline-methods": ["GET", "POST"],
        "security": [{_SECURITY_SCHEME: [facts.scope]}],
    }
    request, in_path = _without_path(facts, _schema(facts.params, "validation", schemas), schemas)
    if facts.method == "GET":
        operation["parameters"] = [*in_path, *_query_parameters(request, schemas)]
    else:
        if in_path:
            operation["parameters"] = in_path
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": request}}}
    operation["responses"] = {
        "200": _success(facts, _schema(facts.answer, "serialization", schemas)),
        "400": {"description": "The request can't be read."},
        "401": {"description": "The call was not signed by the gateway."},
    }
    return operation


def _success(facts: ComponentFacts, answer: dict[str, Any]) -> dict[str, Any]:
    if facts.streams:
        # The description of one event (OpenAPI 3.2, section 4.14.4); a refusal comes in the usual shape.
        event = {
            "type": "object",
            "properties": {"data": {"contentMediaType": "application/json", "contentSchema": answer}},
        }
        told = {EVENTS: {"itemSchema": event}, "application/json": {"schema": _envelope({"type": "null"})}}
        return {"description": "Server-sent events; a refusal has `result` false.", "content": told}
    return {
        "description": "`result` tells success from refusal.",
        "content": {"application/json": {"schema": _envelope(answer)}},
    }


def _schema(kind: Any, mode: str, schemas: dict[str, Any]) -> dict[str, Any]:
    adapter: TypeAdapter[Any] = TypeAdapter(kind)
    schema = adapter.json_schema(ref_template=_REF, mode="validation" if mode == "validation" else "serialization")
    schemas.update(schema.pop("$defs", {}))
    return schema


def _without_path(
    facts: ComponentFacts, request: dict[str, Any], schemas: dict[str, Any]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What is left to the query or the body, and the parameters in the path."""
    if not facts.path:
        return request, []
    if "$ref" in request:
        request = schemas[request["$ref"].rsplit("/", 1)[1]]
    properties = request.get("properties", {})
    kept = {name: schema for name, schema in properties.items() if name not in facts.in_path}
    required = [name for name in request.get("required", ()) if name not in facts.in_path]
    rest = {name: value for name, value in request.items() if name != "required"} | {"properties": kept}
    in_path = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": properties[name].get("description", ""),
            "schema": properties[name],
        }
        for name in _IN_PATH.findall(facts.path)
    ]
    return rest | ({"required": required} if required else {}), in_path


def _query_parameters(request: dict[str, Any], schemas: dict[str, Any]) -> list[dict[str, Any]]:
    if "$ref" in request:
        request = schemas[request["$ref"].rsplit("/", 1)[1]]
    required = set(request.get("required", ()))
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": schema.get("description", ""),
            "schema": schema,
        }
        for name, schema in request.get("properties", {}).items()
    ]


def _envelope(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["result", "code", "message", "data"],
        "properties": {
            "result": {"type": "boolean"},
            "code": {"type": "integer"},
            "message": {"type": "string"},
            "data": {"anyOf": [data, {"type": "null"}]},
            "permission": {"type": ["object", "null"]},
        },
    }
