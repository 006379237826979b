"""Schema violations in words. The offending value is never repeated: it may be a password."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from jsonschema_rs import ValidationError

from kernel.errors import FieldProblem
from kernel.forms.pointers import pointer

_MAX_SHOWN = 20
_ARTICLES = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
_FORMATS = {
    "date": "a date like 2026-01-31",
    "date-time": "a time like 2026-01-31T08:00:00Z",
    "time": "a time like 08:00:00Z",
    "duration": "a duration like PT5M",
    "email": "a mail address",
    "idn-email": "a mail address",
    "hostname": "a host name",
    "idn-hostname": "a host name",
    "ipv4": "an IPv4 address",
    "ipv6": "an IPv6 address",
    "uri": "an absolute address like https://example.com/",
    "uuid": "a UUID",
    "regex": "a regular expression",
}


def field_problems(errors: Iterable[ValidationError], at: str) -> Iterator[FieldProblem]:
    """The problems of violations, each at the field to change: a missing one, an unexpected one, or the wrong one."""
    for error in errors:
        name, details = error.kind.name, error.kind.as_dict()
        place = at + pointer(error.instance_path)
        if name == "required":
            missing = at + pointer([*error.instance_path, details["property"]])
            yield FieldProblem(missing, "is missing", "Give a value")
        elif "unexpected" in details and name in {"additionalProperties", "unevaluatedProperties"}:
            for extra in details["unexpected"][:_MAX_SHOWN]:
                unexpected = at + pointer([*error.instance_path, extra])
                yield FieldProblem(unexpected, "is not expected here", "Leave it out")
        elif name in {"anyOf", "oneOf"}:
            yield from _of_alternatives(name, details, place, at)
        else:
            words = _WORDS.get(name)
            problem, remedy = words(details) if words else (f"does not satisfy {name!r}", "Compare it with the schema")
            yield FieldProblem(place, problem, remedy)


def _of_alternatives(name: str, details: dict[str, Any], place: str, at: str) -> Iterator[FieldProblem]:
    alternatives: list[list[ValidationError]] = details.get("context", [])
    failed = [branch for branch in alternatives if branch]
    if name == "oneOf" and len(failed) < len(alternatives):
        yield FieldProblem(place, "fits more than one of the alternatives", "Make it fit exactly one")
        return
    if len(failed) == 1:
        yield from field_problems(failed[0], at)
        return
    kinds = [branch[0].kind for branch in failed]
    if kinds and all(kind.name == "type" for kind in kinds):
        wanted = [word for kind in kinds for word in kind.as_dict()["types"]]
        yield FieldProblem(place, f"must be {_any_of(wanted)}", f"Give {_any_of(wanted)}")
    elif kinds and all(kind.name == "const" for kind in kinds):
        options = ", ".join(_shown(kind.as_dict()["expected_value"]) for kind in kinds[:_MAX_SHOWN])
        yield FieldProblem(place, "is none of the choices", f"Choose one of {options}")
    else:
        yield FieldProblem(place, "fits none of the alternatives", "Compare it with the schema")


def _any_of(types: Iterable[str]) -> str:
    return " or ".join(dict.fromkeys(_ARTICLES.get(name, name) for name in types))


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:100]


def _at_least(noun: str) -> Callable[[dict[str, Any]], tuple[str, str]]:
    return lambda d: (f"has too few {noun}", f"Give at least {d['limit']}")


def _at_most(noun: str) -> Callable[[dict[str, Any]], tuple[str, str]]:
    return lambda d: (f"has too many {noun}", f"Give at most {d['limit']}")


def _options(details: dict[str, Any]) -> tuple[str, str]:
    options = details["options"]
    shown = ", ".join(_shown(option) for option in options[:_MAX_SHOWN])
    return "is none of the choices", f"Choose one of {shown}" + (" …" if len(options) > _MAX_SHOWN else "")


def _format(details: dict[str, Any]) -> tuple[str, str]:
    wanted = _FORMATS.get(details["format"], f"a value in the format {details['format']!r}")
    return f"is not {wanted}", f"Give {wanted}"


_WORDS: dict[str, Callable[[dict[str, Any]], tuple[str, str]]] = {
    "type": lambda d: (f"must be {_any_of(d['types'])}", f"Give {_any_of(d['types'])}"),
    "enum": _options,
    "const": lambda d: ("is not the value wanted", f"Give {_shown(d['expected_value'])}"),
    "format": _format,
    "pattern": lambda d: ("does not have the form wanted", f"Match the pattern {d['pattern']}"),
    "minLength": _at_least("characters"),
    "maxLength": _at_most("characters"),
    "minItems": _at_least("items"),
    "maxItems": _at_most("items"),
    "minProperties": _at_least("fields"),
    "maxProperties": _at_most("fields"),
    "minimum": lambda d: ("is too small", f"Give {_shown(d['limit'])} or more"),
    "maximum": lambda d: ("is too large", f"Give {_shown(d['limit'])} or less"),
    "exclusiveMinimum": lambda d: ("is too small", f"Give more than {_shown(d['limit'])}"),
    "exclusiveMaximum": lambda d: ("is too large", f"Give less than {_shown(d['limit'])}"),
    "multipleOf": lambda d: ("is not a multiple", f"Give a multiple of {_shown(d['multiple_of'])}"),
    "uniqueItems": lambda _: ("holds an item twice", "Leave the repetition out"),
    "contains": lambda _: ("lacks an item that is wanted", "Compare it with the schema"),
    "falseSchema": lambda _: ("is not allowed here", "Leave it out"),
    "not": lambda _: ("has a value that is excluded", "Give another value"),
}
