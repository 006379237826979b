"""The request's body against the component's JSON Schema."""

import json
from collections.abc import Mapping
from typing import Any

import jsonschema_rs

from gateway.dataplane.call import Call
from gateway.dataplane.steps.violations import told
from gateway.wire.codes import INVALID_ARGS, INVALID_RESOURCE
from gateway.wire.refusal import Refusal


class Validate:
    """Compiled once for each route; raises Refusal(INVALID_RESOURCE) when the schema itself is not one."""

    __slots__ = ("_validator",)

    def __init__(self, schema: Mapping[str, Any] | bool) -> None:  # noqa: FBT001 - JSON Schema has boolean schemas
        try:
            self._validator = jsonschema_rs.validator_for(
                dict(schema) if isinstance(schema, Mapping) else schema,
                offline=True,
                pattern_options=jsonschema_rs.RegexOptions(),
            )
        except (ValueError, jsonschema_rs.ReferencingError) as problem:
            raise Refusal(INVALID_RESOURCE, "the component's schema is not a JSON Schema") from problem

    def __call__(self, call: Call) -> None:
        body = call.body
        if not body:
            value: object = {}
        else:
            try:
                value = _loads(body)
            except (ValueError, RecursionError) as problem:
                raise Refusal(INVALID_ARGS, "the body is not valid JSON, or names a member twice") from problem
        try:
            if self._validator.is_valid(value):
                return
            error = next(self._validator.iter_errors(value), None)
        except UnicodeEncodeError as problem:
            raise Refusal(INVALID_ARGS, "the body has half of a surrogate pair, which is no text") from problem
        if error is not None:
            raise Refusal(INVALID_ARGS, told(error, "", "/"))


def _loads(body: bytes) -> object:
    return json.loads(body, parse_constant=_no_constant, object_pairs_hook=_unique)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Of a name that is given twice some servers take the first, so what is checked could be another value."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
