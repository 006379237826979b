"""Where the parameters of the upstream's request come from, when they don't stand where the caller puts them.

::

    [{"to": {"in": "path", "name": "id"}, "from": {"in": "query", "name": "host_id"}, "required": true},
     {"to": {"in": "body", "name": "page.limit", "type": "integer"}, "from": {"in": "query", "name": "limit"}},
     {"to": {"in": "header", "name": "X-Region"}, "from": {"variable": "region"}},
     {"to": {"in": "body", "name": "language"},
      "from": [{"in": "body", "name": "language", "values": {"shell": 1, "python": 4}}, {"constant": 1}]},
     {"to": {"in": "query", "name": "version"}, "from": {"constant": 3}}]

A value moves: it leaves the place it is taken from. A place that is written to is the mapping's alone: what a caller
sends there is taken out, even where the mapping has nothing to put. ``body`` names are members of the JSON object,
inner ones behind dots; an empty name is the whole body, which only an object can become. ``type`` says as what a text
becomes a member of the body. ``variable`` is one of the stage.
Of several sources the first that has a value counts: ``values`` puts other values in the place of some, ``as``
``base64`` puts a text in that coding, ``as`` ``list`` takes one apart at commas, semicolons and blanks, ``as``
``hosts`` makes of a text of addresses the hosts that systems of an ESB take: ``{"bk_cloud_id": 3, "ip": "10.0.0.1"}``,
``as`` ``file-sources`` makes of rows of texts (``ip``, ``files``, ``account``) the sources of files that they take.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast

from gateway.snapshot.model.errors import ShardError
from gateway.wire.request_headers import is_own

Location = Literal["path", "query", "header", "body"]
ValueType = Literal["string", "integer", "number", "boolean", "array"]
Coding = Literal["base64", "list", "hosts", "file-sources"]

LOCATIONS: Final = ("path", "query", "header", "body")
VALUE_TYPES: Final = ("string", "integer", "number", "boolean", "array")
CODINGS: Final = ("base64", "list", "hosts", "file-sources")
MAX_ASSIGNMENTS: Final = 100
MAX_SOURCES: Final = 5
MAX_VALUES: Final = 100

_MAX_NAME = 128
_MAX_STEPS = 16
_FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 §5.6.2
_MEMBERS = frozenset({"to", "from", "required"})


@dataclass(frozen=True, slots=True)
class Place:
    """A parameter of a request. Header names are in lower case; of a body's member ``steps`` are the way to it."""

    location: Location
    name: str
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Constant:
    """A value of the configuration; ``raw`` is its JSON text."""

    raw: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value may come from, and what becomes of it on the way: ``values`` are JSON by what they replace."""

    at: Place | Constant
    values: Mapping[str, str] = field(default_factory=dict)
    coding: Coding | None = None

    @property
    def converts(self) -> bool:
        return self.coding is not None or bool(self.values)


@dataclass(frozen=True, slots=True)
class Assignment:
    """One value's way: the first of ``sources`` that has one. Without a value, ``required`` refuses the call; otherwise
    the place stays empty.
    """

    to: Place
    sources: tuple[Source, ...]
    value_type: ValueType = "string"
    required: bool = False

    @property
    def taken(self) -> tuple[Place, ...]:
        """Places of the caller's request that the value leaves."""
        return tuple(each.at for each in self.sources if isinstance(each.at, Place))

    @property
    def touches_body(self) -> bool:
        return self.to.location == "body" or any(place.location == "body" for place in self.taken)


def read_mapping(
    documents: Sequence[Any],
    path_parameters: Sequence[str],
    upstream_parameters: Sequence[str],
    variables: Mapping[str, str] | None,
) -> tuple[Assignment, ...]:
    """The assignments in a mapping; raises ShardError naming the member that is wrong.

    ``path_parameters`` are those of the component's path, ``upstream_parameters`` those of the upstream's path.
    ``variables`` of the stage; ``None`` where no stage is known yet: then any variable is accepted.
    """
    if len(documents) > MAX_ASSIGNMENTS:
        raise ShardError(f"mapping: at most {MAX_ASSIGNMENTS} assignments, found {len(documents)}")
    found: list[Assignment] = []
    for index, document in enumerate(documents):
        at = f"mapping[{index}]"
        assignment = _assignment(document, at, variables)
        target = assignment.to
        for place in assignment.taken:
            if place.location == "path" and place.name not in path_parameters:
                raise ShardError(f"{at}.from.name: {place.name} is not a parameter of the component's path")
        if target.location == "path" and target.name not in upstream_parameters:
            raise ShardError(f"{at}.to.name: {target.name} is not a parameter of the upstream's path")
        if any(_overlap(target, other.to) for other in found):
            raise ShardError(f"{at}.to: {target.location} {target.name} is written twice")
        found.append(assignment)
    return tuple(found)


def _assignment(document: Any, at: str, variables: Mapping[str, str] | None) -> Assignment:
    if not isinstance(document, Mapping) or not {"to", "from"} <= document.keys() <= _MEMBERS:
        raise ShardError(f"{at}: expected an object with to, from and perhaps required")
    to, source, required = document["to"], document["from"], document.get("required", False)
    sources = source if isinstance(source, list) else [source]
    if not isinstance(to, Mapping) or not all(isinstance(each, Mapping) for each in sources):
        raise ShardError(f"{at}: expected objects as to and from")
    if not 0 < len(sources) <= MAX_SOURCES:
        raise ShardError(f"{at}.from: expected at most {MAX_SOURCES} sources, and one at least")
    if not isinstance(required, bool):
        raise ShardError(f"{at}.required: expected true or false")
    value_type = to.get("type", "string")
    if value_type not in VALUE_TYPES or ("type" in to and to.get("in") != "body"):
        raise ShardError(f"{at}.to.type: expected one of {', '.join(VALUE_TYPES)}, and only in the body")
    target = _place({name: value for name, value in to.items() if name != "type"}, f"{at}.to")
    if target.location == "header" and is_own(target.name.encode()):
        raise ShardError(f"{at}.to.name: {target.name} is the gateway's own to write")
    return Assignment(
        to=target,
        sources=tuple(_source(each, f"{at}.from", variables) for each in sources),
        value_type=cast("ValueType", value_type),
        required=required or target.location == "path",
    )


def _source(document: Mapping[str, Any], at: str, variables: Mapping[str, str] | None) -> Source:
    if document.keys() & {"values", "as"}:
        plain = {name: value for name, value in document.items() if name not in {"values", "as"}}
        return Source(_found_at(plain, at, variables), _values(document, at), _coding(document, at))
    return Source(_found_at(document, at, variables))


def _values(document: Mapping[str, Any], at: str) -> Mapping[str, str]:
    values = document.get("values", {})
    if not isinstance(values, Mapping) or len(values) > MAX_VALUES:
        raise ShardError(f"{at}.values: expected an object with at most {MAX_VALUES} members")
    return {name: _json(value, f"{at}.values") for name, value in values.items()}


def _coding(document: Mapping[str, Any], at: str) -> Coding | None:
    coding = document.get("as")
    if coding is None:
        return None
    if coding not in CODINGS or "values" in document:
        raise ShardError(f"{at}.as: expected one of {', '.join(CODINGS)}, and not beside values")
    return cast("Coding", coding)


def _found_at(document: Mapping[str, Any], at: str, variables: Mapping[str, str] | None) -> Place | Constant:
    if document.keys() == {"constant"}:
        return Constant(_json(document["constant"], f"{at}.constant"))
    if document.keys() != {"variable"}:
        source = _place(document, at)
        if source.location == "header" and is_own(source.name.encode()):
            raise ShardError(f"{at}.name: {source.name} is a header the gateway keeps to itself")
        return source
    name = document["variable"]
    if variables is None and isinstance(name, str):
        return Constant('""')
    if variables is None or not isinstance(name, str) or name not in variables:
        raise ShardError(f"{at}.variable: the stage has no variable {str(name)[:_MAX_NAME]}")
    return Constant(json.dumps(variables[name]))


def _place(document: Mapping[str, Any], at: str) -> Place:
    location, name = document.get("in"), document.get("name", "")
    if document.keys() - {"in", "name"} or location not in LOCATIONS:
        raise ShardError(f"{at}: expected in ({', '.join(LOCATIONS)}) and name, or constant, or variable")
    if not isinstance(name, str) or len(name) > _MAX_NAME or (not name and location != "body"):
        raise ShardError(f"{at}.name: expected a text of 1 to {_MAX_NAME} characters")
    if location == "header":
        if not _FIELD_NAME.fullmatch(name):
            raise ShardError(f"{at}.name: {name!r} is no name of a header")
        return Place("header", name.lower())
    if location != "body":
        return Place(cast("Location", location), name)
    steps = tuple(name.split(".")) if name else ()
    if not all(steps) or len(steps) > _MAX_STEPS:
        raise ShardError(f"{at}.name: expected at most {_MAX_STEPS} names with a dot between each two")
    return Place("body", name, steps)


def _json(value: Any, at: str) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        raise ShardError(f"{at}: expected a JSON value")
    return json.dumps(value)


def _overlap(one: Place, other: Place) -> bool:
    if one.location != other.location:
        return False
    if one.location != "body":
        return one.name.lower() == other.name.lower()
    shorter = min(len(one.steps), len(other.steps))
    return one.steps[:shorter] == other.steps[:shorter]
