"""One parameter's texts against its JSON Schema: read as the declared type for that alone."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Self, TypeVar

import jsonschema_rs

from gateway.dataplane.declared_types import item_types_of, readings, types_of
from gateway.dataplane.steps.violations import shortened, told
from gateway.snapshot.model.parameters import Parameter
from gateway.wire.codes import INVALID_ARGS
from gateway.wire.refusal import Refusal

_LOG = logging.getLogger(__name__)
_Built = TypeVar("_Built")
_SEPARATORS = {"form": ",", "simple": ",", "spaceDelimited": " ", "pipeDelimited": "|"}


class CheckedParameter:
    """Compiled once for each route; raises ValueError or ReferencingError when the schema can't be."""

    __slots__ = ("_is_list", "_items", "_separator", "_types", "_validator", "required", "told")

    def __init__(self, parameter: Parameter) -> None:
        self.told = f"{parameter.location}.{parameter.name}"
        self.required = parameter.required
        self._types = types_of(parameter.schema)
        self._items = item_types_of(parameter.schema)
        self._is_list = "array" in self._types
        repeats = parameter.explode and parameter.style != "simple"
        self._separator = None if repeats else _SEPARATORS[parameter.style]
        self._validator = compiled(parameter.schema)

    @classmethod
    def of(cls, parameter: Parameter) -> Self | None:
        """None for what no text says for certain: objects, lists of lists or objects, prefixed values.

        And for a schema that can't be compiled: releases from before parameters were checked may have one, and what
        they serve goes on being served.
        """
        nested = {"object", "array"} & item_types_of(parameter.schema)
        if parameter.style not in _SEPARATORS or "object" in types_of(parameter.schema) or nested:
            return None
        return unless_compilable(parameter, lambda: cls(parameter))

    def check(self, texts: list[str], *, takes_json: bool = False) -> None:
        """``texts`` are one for each time it is given; ``takes_json``: a list may stand as JSON. Raises Refusal."""
        if not self._is_list:
            for text in texts:
                self._require(readings(text, self._types))
            return
        self._require(self._as_lists(texts, takes_json=takes_json))

    def missing(self, remedy: str) -> Refusal:
        return Refusal(INVALID_ARGS, f"{self.told}: is missing; {remedy}")

    def _as_lists(self, texts: list[str], *, takes_json: bool) -> list[object]:
        found: list[object] = []
        if takes_json and len(texts) == 1 and texts[0].startswith("["):
            with suppress(ValueError, RecursionError):  # then it is a list written otherwise
                found.append(json.loads(texts[0]))
        separator = self._separator
        parts = texts if separator is None else [part.strip() for text in texts for part in text.split(separator)]
        each = [readings(part, self._items) for part in parts]
        found += [[one[0] for one in each], [one[-1] for one in each]]
        if len(texts) == 1 and len(self._types) > 1:
            found += readings(texts[0], self._types - {"array"})
        return found

    def _require(self, values: Sequence[object]) -> None:
        try:
            for value in values:
                if self._validator.is_valid(value):
                    return
            error = next(self._validator.iter_errors(values[0]))
        except UnicodeEncodeError as problem:
            raise Refusal(INVALID_ARGS, f"{self.told}: has half of a surrogate pair, which is no text") from problem
        raise Refusal(INVALID_ARGS, told(error, self.told, "."))


def compiled(schema: Mapping[str, Any]) -> jsonschema_rs.Validator:
    """Raises ValueError or ReferencingError."""
    return jsonschema_rs.validator_for(
        dict(schema),
        offline=True,
        validate_formats=True,
        pattern_options=jsonschema_rs.RegexOptions(),
    )


def unless_compilable(parameter: Parameter, build: Callable[[], _Built]) -> _Built | None:
    """What `build` makes; None, and a word in the log, where the parameter's schema can't be compiled."""
    try:
        return build()
    except (ValueError, jsonschema_rs.ReferencingError) as problem:
        reason = shortened(str(problem))
        _LOG.warning(
            "%s.%s goes unchecked: its schema can't be compiled: %s", parameter.location, parameter.name, reason
        )
        return None
