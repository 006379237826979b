"""One query parameter that is an object, read from its members' texts, against its JSON Schema.

OpenAPI 3.1 §4.8.12.2 writes ``{"state": "up", "size": 3}`` of the parameter ``filter`` as one of ::

    filter[state]=up&filter[size]=3     deepObject
    state=up&size=3                     form, exploded: the usual one
    filter=state,up,size,3              form with explode false
"""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Self

from gateway.dataplane.declared_types import member_schemas, readings, resolved, types_of
from gateway.dataplane.steps.checked_parameter import compiled, unless_compilable
from gateway.dataplane.steps.violations import told
from gateway.snapshot.model.parameters import Parameter
from gateway.wire.codes import INVALID_ARGS
from gateway.wire.refusal import Refusal

_NESTED = {"object", "array"}
_UNCERTAIN = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "patternProperties", "dependentSchemas"})
"""With these a member's type stands where it is not looked for."""


class _Member:
    """One member: the value that its text stands for."""

    __slots__ = ("_types", "_validator")

    def __init__(self, schema: Mapping[str, Any], pointer: str, root: Mapping[str, Any]) -> None:
        self._types = types_of(schema, root)
        # Where a text may be several things, the first that the member's own schema admits.
        self._validator = compiled({**root, "$ref": pointer}) if len(self._types) != 1 else None

    def value(self, text: str) -> object:
        found = readings(text, self._types)
        if self._validator is None:
            return found[0]
        return next((value for value in found if self._validator.is_valid(value)), found[0])


class CheckedObject:
    """Compiled once for each route."""

    __slots__ = ("_deep", "_is_spread", "_members", "_name", "_others", "_required", "_told", "_validator")

    def __init__(self, parameter: Parameter) -> None:
        self._name = parameter.name
        self._told = f"query.{parameter.name}"
        self._required = parameter.required
        self._deep = f"{parameter.name}[" if parameter.style == "deepObject" else ""
        self._is_spread = parameter.style == "form" and parameter.explode
        members, others = member_schemas(parameter.schema)
        named = {name: parameter.schema[name] for name in ("$defs", "definitions") if name in parameter.schema}
        root = {**named, "properties": dict(members), "additionalProperties": others}
        self._members = {name: _Member(each, f"#/properties/{_escaped(name)}", root) for name, each in members.items()}
        self._others = _Member(others, "#/additionalProperties", root) if isinstance(others, Mapping) else None
        self._validator = compiled(parameter.schema)

    @classmethod
    def of(cls, parameter: Parameter) -> Self | None:
        """None for one of which nothing is said, whose members no text says for certain, or that can't be compiled."""
        if parameter.location != "query" or parameter.style not in ("form", "deepObject"):
            return None
        whole = resolved(parameter.schema, parameter.schema)
        if types_of(parameter.schema) != {"object"} or _UNCERTAIN & whole.keys():
            return None
        members, others = member_schemas(parameter.schema)
        schemas = [*members.values(), *([others] if isinstance(others, Mapping) else [])]
        if not schemas and others is True:
            return None
        if any(_NESTED & types_of(each, parameter.schema) for each in schemas):
            return None
        return unless_compilable(parameter, lambda: cls(parameter))

    def check(self, pairs: Iterable[tuple[str, str]], *, takes_json: bool) -> None:
        """``pairs`` are all of the query, what is no UTF-8 in them as surrogates; ``takes_json``: it may stand as JSON
        under its name. Raises Refusal.
        """
        try:
            self._check(pairs, takes_json=takes_json)
        except UnicodeEncodeError as problem:
            raise self._refusal("", "is not UTF-8") from problem

    def _check(self, pairs: Iterable[tuple[str, str]], *, takes_json: bool) -> None:
        found: dict[str, object] = {}
        for name, text in self._written(pairs, found, takes_json=takes_json):
            if name in found:
                raise self._refusal(f".{name}", "is given more than once")
            found[name] = self._value(name, text)
        if not found and not self._required:
            return
        if not found and not self._is_spread:
            raise self._refusal("", "is missing; give it in the query")
        error = next(self._validator.iter_errors(found), None)
        if error is not None:
            raise Refusal(INVALID_ARGS, told(error, self._told, "."))

    def _written(
        self, pairs: Iterable[tuple[str, str]], found: dict[str, object], *, takes_json: bool
    ) -> Iterable[tuple[str, str]]:
        for name, text in pairs:
            if takes_json and name == self._name and text.startswith("{"):
                found |= self._as_json(text)
            elif self._is_spread:
                if name in self._members:
                    yield name, text
            elif self._deep:
                if name.startswith(self._deep) and name.endswith("]"):
                    yield name[len(self._deep) : -1], text
            elif name == self._name:
                yield from self._listed(text)

    def _as_json(self, text: str) -> dict[str, object]:
        with suppress(ValueError, RecursionError):
            value = json.loads(text)
            if isinstance(value, dict):
                return value
        raise self._refusal("", "is not a JSON object")

    def _listed(self, text: str) -> Iterable[tuple[str, str]]:
        parts = text.split(",")
        if len(parts) % 2:
            raise self._refusal("", "is not names and values in turn, between commas")
        return zip(parts[::2], parts[1::2], strict=True)

    def _value(self, name: str, text: str) -> object:
        member = self._members.get(name, self._others)
        return member.value(text) if member is not None else text

    def _refusal(self, where: str, problem: str) -> Refusal:
        return Refusal(INVALID_ARGS, f"{self._told}{where}: {problem}")


def _escaped(name: str) -> str:
    """A member's name within a JSON Pointer in a URI fragment (RFC 6901 §6)."""
    return "".join(
        sign if sign.isalnum() and sign.isascii() else "".join(f"%{byte:02X}" for byte in sign.encode())
        for sign in name.replace("~", "~0").replace("/", "~1")
    )
