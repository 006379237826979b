"""A tool's arguments and the parts of a request they become: path, query, headers, body.

Two shapes. Flat: each parameter under its own name, and the members of a plain object body beside them; a body of any
other form, or one whose members would hide parameters, is the argument `body`. BlueKing's: one argument for each part.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlencode

from gateway.mcp.tools.embedding import has_references, rebased, refers_only_to_definitions, unfolded
from gateway.snapshot.model.matching import is_parameter, segments_of

BODY = "body"
_BODILESS = frozenset({"GET", "HEAD"})
_PLAIN_BODY = frozenset(
    {"$defs", "additionalProperties", "description", "examples", "properties", "required", "title", "type"}
)
_OWN_HEADERS = frozenset(
    {
        "accept", "authorization", "connection", "content-length", "content-type", "cookie", "expect", "host",
        "idempotency-key", "keep-alive", "origin", "te", "trailer", "transfer-encoding", "upgrade", "x-request-id",
    }
)  # fmt: skip
_OWN_PREFIXES = ("x-bkapi-", "x-forwarded-", "x_", "proxy-", "sec-", "mcp-")


class ArgumentsRefused(Exception):
    """An argument can't become part of a request; the text says which and why."""


class Body(StrEnum):
    """How the arguments hold the request's body."""

    NONE = "none"
    MEMBERS = "members"
    ARGUMENT = "argument"


@dataclass(frozen=True, slots=True)
class Parameter:
    """`style` and `explode` as in OpenAPI; none means what is usual at the location."""

    name: str
    location: str
    style: str | None = None
    explode: bool | None = None


@dataclass(frozen=True, slots=True)
class RequestParts:
    """`body` is JSON; none sends none."""

    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Arguments:
    """How a component's arguments are read.

    Attributes:
        path: the component's template.
        in_parts: BlueKing's shape.
    """

    path: str
    parameters: tuple[Parameter, ...]
    body: Body
    in_parts: bool = False

    def split(self, given: Mapping[str, Any]) -> RequestParts:
        """The request's parts; `target` is path and query below the stage.

        Raises:
            ArgumentsRefused: a value is missing in the path, or can't stand where it belongs.
        """
        groups = _parts(given) if self.in_parts else self._flat(given)
        path = "/".join(_segment(each, groups["path"]) for each in segments_of(self.path))
        target = path + ("/" if self.path.endswith("/") and path else "")
        declared = {each.name: each for each in self.parameters if each.location == "query"}
        pairs = [pair for name, value in groups["query"].items() for pair in _query(name, value, declared.get(name))]
        headers = tuple((name, _header(name, value)) for name, value in groups["header"].items() if value is not None)
        body = groups[BODY]
        encoded = None if body is _NOTHING else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        return RequestParts(f"{target}?{urlencode(pairs)}" if pairs else target, headers, encoded)

    def _flat(self, given: Mapping[str, Any]) -> dict[str, Any]:
        groups: dict[str, Any] = {"path": {}, "query": {}, "header": {}, BODY: _NOTHING}
        rest = dict(given)
        for parameter in self.parameters:
            if parameter.name in rest:
                groups[parameter.location][parameter.name] = rest.pop(parameter.name)
        if self.body is Body.MEMBERS:
            groups[BODY] = rest
        elif self.body is Body.ARGUMENT and BODY in rest:
            groups[BODY] = rest[BODY]
        return groups


_NOTHING: Any = object()


def is_own_header(name: str) -> bool:
    """Whether the gateway or the connection decides on it; a tool never does."""
    lower = name.lower()
    return lower in _OWN_HEADERS or lower.startswith(_OWN_PREFIXES) or "_" in lower


def read_arguments(
    method: str, path: str, parameters: Sequence[Mapping[str, Any]], body_schema: Mapping[str, Any] | None
) -> tuple[Arguments, dict[str, Any]]:
    """The flat shape: how arguments are read, and their JSON Schema.

    Args:
        parameters: as `gateway.registry.component_definition` writes them.

    Raises:
        ArgumentsRefused: two arguments would have one name, or a required one is a cookie.
    """
    usable = _usable(parameters)
    names = [each["name"] for each in usable]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ArgumentsRefused(f"{', '.join(twice)} is the name of two parameters")
    properties, definitions = _properties(usable, "#/$defs/")
    required = [each["name"] for each in usable if each["required"]]
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    kind = Body.NONE
    if body_schema is not None and method not in _BODILESS:
        body_schema = unfolded(body_schema)
        kind = _body_kind(body_schema, frozenset(names))
        if kind is Body.MEMBERS:
            members = rebased(body_schema, f"#/$defs/{BODY}")
            properties.update(members.get("properties", {}))
            required += [name for name in body_schema.get("required", []) if name not in required]
            if "additionalProperties" in members:
                schema["additionalProperties"] = members["additionalProperties"]
            if "$defs" in members:
                definitions[BODY] = {"$defs": members["$defs"]}
        elif BODY in names:
            raise ArgumentsRefused(f"{BODY} is the name of a parameter and of the request's body")
        else:
            properties[BODY], more = _embedded(BODY, body_schema, "#/$defs/")
            definitions |= more
            if body_schema.get("required") or body_schema.get("type") not in ("object", None):
                required.append(BODY)
    if kind is not Body.MEMBERS:
        schema["additionalProperties"] = False
    return Arguments(path, _read(usable), kind), _finished(schema, required, definitions)


def read_arguments_in_parts(
    method: str, path: str, parameters: Sequence[Mapping[str, Any]], body_schema: Mapping[str, Any] | None
) -> tuple[Arguments, dict[str, Any]]:
    """As `read_arguments`, in BlueKing's shape: `header_param`, `query_param`, `path_param`, `body_param`."""
    usable = _usable(parameters)
    schema: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}
    definitions: dict[str, Any] = {}
    required: list[str] = []
    for location in ("header", "query", "path"):
        here = [each for each in usable if each["in"] == location]
        if not here:
            continue
        group = f"{location}_param"
        properties, more = _properties(here, f"#/$defs/{group}/$defs/")
        if more:
            definitions[group] = {"$defs": more}
        needed = [each["name"] for each in here if each["required"]]
        schema["properties"][group] = {"type": "object", "properties": properties} | (
            {"required": needed} if needed else {}
        )
        if needed:
            required.append(group)
    kind = Body.NONE
    if body_schema is not None and method not in _BODILESS:
        kind = Body.ARGUMENT
        schema["properties"]["body_param"], more = _embedded("body_param", body_schema, "#/$defs/")
        definitions |= more
        if body_schema.get("required"):
            required.append("body_param")
    return Arguments(path, _read(usable), kind, in_parts=True), _finished(schema, required, definitions)


def _usable(parameters: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for each in parameters:
        own = each["in"] == "cookie" or (each["in"] == "header" and is_own_header(each["name"]))
        if not own:
            found.append(each)
        elif each["required"]:
            raise ArgumentsRefused(f"it needs the {each['in']} {each['name']}, which a tool can't send")
    return found


def _read(usable: Iterable[Mapping[str, Any]]) -> tuple[Parameter, ...]:
    return tuple(Parameter(each["name"], each["in"], each.get("style"), each.get("explode")) for each in usable)


def _properties(usable: Iterable[Mapping[str, Any]], place: str) -> tuple[dict[str, Any], dict[str, Any]]:
    properties: dict[str, Any] = {}
    definitions: dict[str, Any] = {}
    for each in usable:
        schema, more = _embedded(each["name"], each["schema"], place)
        if each.get("description") and "description" not in schema:
            schema = {**schema, "description": each["description"]}
        properties[each["name"]] = schema
        definitions |= more
    return properties, definitions


def _embedded(name: str, schema: Mapping[str, Any], place: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The schema as it may stand elsewhere, and what `place` must then hold under its name."""
    if not has_references(schema):
        return dict(schema), {}
    reference = place + quote(name.replace("~", "~0").replace("/", "~1"), safe="~")
    return {"$ref": reference}, {name: rebased(schema, reference)}


def _body_kind(schema: Mapping[str, Any], taken: frozenset[str]) -> Body:
    members = schema.get("properties")
    is_plain = (
        schema.get("type") == "object"
        and isinstance(members, Mapping)
        and schema.keys() <= _PLAIN_BODY
        and refers_only_to_definitions(schema)
    )
    return Body.MEMBERS if is_plain and taken.isdisjoint(members or ()) else Body.ARGUMENT


def _finished(schema: dict[str, Any], required: list[str], definitions: dict[str, Any]) -> dict[str, Any]:
    if required:
        schema["required"] = required
    if definitions:
        schema["$defs"] = definitions
    return schema


def _parts(given: Mapping[str, Any]) -> dict[str, Any]:
    groups: dict[str, Any] = {}
    for location in ("path", "query", "header"):
        part = given.get(f"{location}_param") or {}
        if not isinstance(part, Mapping):
            raise ArgumentsRefused(f"{location}_param must be an object")
        groups[location] = part
    groups[BODY] = given.get("body_param", _NOTHING)
    return groups


def _segment(segment: str, given: Mapping[str, Any]) -> str:
    if not is_parameter(segment):
        return segment
    name = segment[1:-1]
    text = _text(name, given.get(name))
    if text in ("", ".", ".."):
        raise ArgumentsRefused(f"{name} is {text!r}, which can't stand in a path")
    return quote(text, safe="")


def _query(name: str, value: Any, declared: Parameter | None) -> list[tuple[str, str]]:
    if value is None:
        return []
    if isinstance(value, Mapping):
        if declared is not None and declared.style == "deepObject":
            return [(f"{name}[{key}]", _text(name, inner)) for key, inner in value.items()]
        return [(name, json.dumps(value, ensure_ascii=False, separators=(",", ":")))]
    if not isinstance(value, list):
        return [(name, _text(name, value))]
    texts = [_text(name, each) for each in value]
    style = declared.style if declared is not None else None
    if style in ("spaceDelimited", "pipeDelimited") or (declared is not None and declared.explode is False):
        between = {"spaceDelimited": " ", "pipeDelimited": "|"}.get(style or "", ",")
        return [(name, between.join(texts))] if texts else []
    return [(name, text) for text in texts]


def _header(name: str, value: Any) -> str:
    if is_own_header(name) or not name.isascii() or not name.replace("-", "").isalnum():
        raise ArgumentsRefused(f"the header {name[:64]!r} is none a tool may send")
    text = ",".join(_text(name, each) for each in value) if isinstance(value, list) else _text(name, value)
    if not text.isascii() or not text.isprintable():
        raise ArgumentsRefused(f"{name} holds a sign that can't stand in a header")
    return text.strip()


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        return ",".join(_text(name, each) for each in value)
    raise ArgumentsRefused(f"{name} is {'missing' if value is None else 'an object'}, which can't stand in an address")
