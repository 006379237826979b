"""A component's parameters outside the body, as far as they are checked.

::

    [{"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 500}},
     {"name": "ids", "in": "query", "required": true, "schema": {"type": "array"}, "explode": false}]

``style`` and ``explode`` are OpenAPI's (3.1 §4.8.12.2): how a list is written as text. Left out they are the usual
ones: ``form`` and exploded in the query, ``simple`` in the path and in headers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.snapshot.model.documents import have, need
from gateway.snapshot.model.errors import ShardError

LOCATIONS: Final = ("path", "query", "header")
STYLES: Final = ("form", "simple", "spaceDelimited", "pipeDelimited", "deepObject", "label", "matrix")


@dataclass(frozen=True, slots=True)
class Parameter:
    """``schema`` is JSON Schema 2020-12 of the value that the text stands for."""

    name: str
    location: str
    schema: Mapping[str, Any]
    required: bool = False
    style: str = "simple"
    explode: bool = False


def read_parameters(documents: Sequence[Mapping[str, Any]]) -> tuple[Parameter, ...]:
    """Raises ShardError naming the parameter that is wrong."""
    return tuple(_parameter(document, f"parameters[{index}]") for index, document in enumerate(documents))


def usual_style(location: str) -> str:
    return "form" if location in ("query", "cookie") else "simple"


def _parameter(document: Mapping[str, Any], at: str) -> Parameter:
    try:
        name, location = need(document, "name", str), need(document, "in", str)
        style = have(document, "style", usual_style(location))
        parameter = Parameter(
            name=name,
            location=location,
            schema=need(document, "schema", dict),
            required=have(document, "required", False),
            style=style,
            explode=have(document, "explode", style == "form"),
        )
    except ShardError as problem:
        raise ShardError(f"{at}.{problem}") from problem
    if location not in LOCATIONS or style not in STYLES:
        raise ShardError(f"{at}: {location} and {style} are not a place and a style that can be checked")
    return parameter
