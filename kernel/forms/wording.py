"""Schema violations in words, whose codes are `schema.` and the rule that was not kept.

The offending value is never repeated: it may be a password.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from jsonschema_rs import ValidationError

from kernel.errors import FieldProblem, Param
from kernel.forms.pointers import pointer
from kernel.wording import TERMS, Wording, Wordings

_MAX_SHOWN = 20

SCHEMA_RULES: Final = Wordings("schema")
_rule = SCHEMA_RULES.add
_MISSING = _rule("required", "is missing", "Give a value")
_UNEXPECTED = _rule("additionalProperties", "is not expected here", "Leave it out")
_SEVERAL_FIT = _rule("oneOf", "fits more than one of the alternatives", "Make it fit exactly one")
_NONE_FITS = _rule("anyOf", "fits none of the alternatives", "Compare it with the schema")
_TYPE = _rule("type", "must be {types:term}", "Give {types:term}")
_NO_CHOICE = _rule("enum", "is none of the choices", "Choose one of {options}")
_FORMAT = _rule("format", "is not {format:term}", "Give {format:term}")
_UNKNOWN_FORMAT = _rule("format_of_its_own", "is not in the format {format}", "Give a value in this format")
_OTHER = _rule("other", "does not satisfy {rule}", "Compare it with the schema")
_rule("const", "is not the value wanted", "Give {value}")
_rule("pattern", "does not have the form wanted", "Match the pattern {pattern}")
_rule("minLength", "has too few characters", "Give at least {limit}")
_rule("maxLength", "has too many characters", "Give at most {limit}")
_rule("minItems", "has too few items", "Give at least {limit}")
_rule("maxItems", "has too many items", "Give at most {limit}")
_rule("minProperties", "has too few fields", "Give at least {limit}")
_rule("maxProperties", "has too many fields", "Give at most {limit}")
_rule("minimum", "is too small", "Give {limit} or more")
_rule("maximum", "is too large", "Give {limit} or less")
_rule("exclusiveMinimum", "is too small", "Give more than {limit}")
_rule("exclusiveMaximum", "is too large", "Give less than {limit}")
_rule("multipleOf", "is not a multiple", "Give a multiple of {factor}")
_rule("uniqueItems", "holds an item twice", "Leave the repetition out")
_rule("contains", "lacks an item that is wanted", "Compare it with the schema")
_rule("falseSchema", "is not allowed here", "Leave it out")
_rule("not", "has a value that is excluded", "Give another value")


def field_problems(errors: Iterable[ValidationError], at: str) -> Iterator[FieldProblem]:
    """The problems of violations, each at the field to change: a missing one, an unexpected one, or the wrong one."""
    for error in errors:
        name, details = error.kind.name, error.kind.as_dict()
        place = at + pointer(error.instance_path)
        if name == "required":
            yield _MISSING.at(at + pointer([*error.instance_path, details["property"]]))
        elif "unexpected" in details and name in {"additionalProperties", "unevaluatedProperties"}:
            for extra in details["unexpected"][:_MAX_SHOWN]:
                yield _UNEXPECTED.at(at + pointer([*error.instance_path, extra]))
        elif name in {"anyOf", "oneOf"}:
            yield from _of_alternatives(name, details, place, at)
        else:
            wording, params = _worded(name, details)
            yield wording.at(place, **params)


def _of_alternatives(name: str, details: dict[str, Any], place: str, at: str) -> Iterator[FieldProblem]:
    alternatives: list[list[ValidationError]] = details.get("context", [])
    failed = [branch for branch in alternatives if branch]
    if name == "oneOf" and len(failed) < len(alternatives):
        yield _SEVERAL_FIT.at(place)
        return
    if len(failed) == 1:
        yield from field_problems(failed[0], at)
        return
    kinds = [branch[0].kind for branch in failed]
    if kinds and all(kind.name == "type" for kind in kinds):
        yield _TYPE.at(place, types=tuple(word for kind in kinds for word in kind.as_dict()["types"]))
    elif kinds and all(kind.name == "const" for kind in kinds):
        options = [kind.as_dict()["expected_value"] for kind in kinds]
        yield _NO_CHOICE.at(place, options=_shown_options(options))
    else:
        yield _NONE_FITS.at(place)


def _worded(rule: str, details: dict[str, Any]) -> tuple[Wording, dict[str, Param]]:
    """A rule with its parameters, as the sentence about it names them."""
    wording = SCHEMA_RULES.get(rule)
    if wording is None:
        return _OTHER, {"rule": rule}
    if rule == "format" and details["format"] not in TERMS:
        return _UNKNOWN_FORMAT, {"format": str(details["format"])}
    params = _PARAMS.get(rule)
    return wording, params(details) if params else {}


def _limit(details: dict[str, Any]) -> dict[str, Param]:
    return {"limit": _shown(details["limit"])}


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:100]


def _shown_options(options: list[Any]) -> tuple[str, ...]:
    return (*map(_shown, options[:_MAX_SHOWN]), *(["…"] if len(options) > _MAX_SHOWN else []))


_PARAMS: Final[dict[str, Callable[[dict[str, Any]], dict[str, Param]]]] = {
    "type": lambda d: {"types": tuple(d["types"])},
    "enum": lambda d: {"options": _shown_options(d["options"])},
    "const": lambda d: {"value": _shown(d["expected_value"])},
    "format": lambda d: {"format": str(d["format"])},
    "pattern": lambda d: {"pattern": str(d["pattern"])},
    "multipleOf": lambda d: {"factor": _shown(d["multiple_of"])},
    **dict.fromkeys(
        ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minimum", "maximum",
         "exclusiveMinimum", "exclusiveMaximum"),
        _limit,
    ),
}  # fmt: skip
