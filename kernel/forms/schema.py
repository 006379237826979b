"""Is a schema sound, self-contained and bounded?

References stay inside the document and never lead back to where they came from, and the schema written out without
them is bounded. So the cost of validating is bounded by the size of the schema times the size of the data.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from kernel.errors import FieldProblem
from kernel.forms.bounds import SCHEMA_BOUNDS, bound_problem
from kernel.forms.data import SchemaUnusable, compile_validator, meta_validator
from kernel.forms.pointers import dotted, resolve_pointer
from kernel.forms.wording import field_problems
from kernel.wording import Wordings

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MAX_EXPANDED = 20_000
"""Subschemas of a schema with its references written out."""
MAX_PATTERN = 1_000
"""Characters of one pattern."""
MAX_PATTERNS = 50
_MAX_PLACE = 200

_ONE = ("additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then",
        "unevaluatedItems", "unevaluatedProperties", "contentSchema")  # fmt: skip
_SEVERAL = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED = ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions")
_REFUSED = ("$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor", "$vocabulary")

SCHEMAS: Final = Wordings("schema_document")
_say = SCHEMAS.add
_NO_SCHEMA = _say("object", "must be an object with a JSON Schema", "Begin with {type: object, properties: …}")
_DIALECT = _say("dialect", "is another dialect", "Leave it out or write {dialect}")
_NO_OBJECT = _say("type", "must be object", "Write type: object")
_REFUSED_KEYWORD = _say("keyword", "is not supported", "Use $ref to #/$defs/… alone")
_LEADS_OUT = _say("reference", "leads out of the document", "Refer to #/$defs/…")
_MANY_PATTERNS = _say("patterns", "has more than {limit} patterns", "Use fewer")
_LONG_PATTERN = _say("pattern_length", "is longer than {limit} characters", "Write a shorter pattern")
_UNSAFE_PATTERN = _say(
    "pattern",
    "is no regular expression that can be matched safely",
    "Write one without look-around and back references, and with small repetitions",
)
_CHAIN = _say("chain", "chains too many references", "Refer more directly")
_CYCLE = _say("cycle", "leads back to itself", "Write the levels out; recursive schemas are not supported")
_NOWHERE = _say("nowhere", "leads to nothing", "Define what it refers to below $defs")
_NOT_TO_SCHEMA = _say("not_to_schema", "leads to something that is no schema", "Refer to a schema below $defs")
_EXPANDS = _say("expanded", "is more than {limit} schemas when written out", "Make it smaller")
_UNCOMPILED = _say("compiled", "can't be compiled: {why}", "Simplify it")

Step = str | int
Place = tuple[Step, ...]


def schema_problems(schema: Any, at: str) -> list[FieldProblem]:
    """What is wrong with a schema, each at its dotted path; empty when it is sound."""
    if not isinstance(schema, dict):
        return [_NO_SCHEMA.at(at)]
    past = bound_problem(schema, SCHEMA_BOUNDS, at)
    if past is not None:
        return [past]
    if schema.get("$schema", DIALECT) != DIALECT:
        return [_DIALECT.at(dotted(at, ["$schema"]), dialect=DIALECT)]
    problems = [
        replace(problem, field=_place(at, problem.field))
        for problem in _distinct(field_problems(meta_validator().iter_errors(schema), ""))
    ]
    problems += _keyword_problems(schema, at)
    if problems:
        return problems
    return _pattern_problems(schema, at) or _reference_problems(schema, at) or _compile_problems(schema, at)


def object_schema_problems(schema: Any, at: str) -> list[FieldProblem]:
    """As `schema_problems`, for data that are an object: inputs, outputs, forms."""
    problems = schema_problems(schema, at)
    if not problems and schema.get("type") != "object":
        return [_NO_OBJECT.at(dotted(at, ["type"]))]
    return problems


def subschemas(schema: Mapping[str, Any]) -> Iterator[tuple[Place, Any]]:
    """The schemas directly inside a schema, with their places."""
    for keyword in _ONE:
        if keyword in schema:
            yield (keyword,), schema[keyword]
    for keyword in _SEVERAL:
        for index, part in enumerate(schema.get(keyword, ())):
            yield (keyword, index), part
    for keyword in _NAMED:
        for name, part in schema.get(keyword, {}).items():
            yield (keyword, name), part


def _distinct(problems: Iterator[FieldProblem]) -> list[FieldProblem]:
    return list(dict.fromkeys(problems))


def _place(at: str, pointer: str) -> str:
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    return dotted(at, [int(step) if step.isdecimal() else step for step in steps])


def walk(schema: Mapping[str, Any]) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """Every subschema with its place."""
    pending: list[tuple[Place, Any]] = [((), schema)]
    while pending:
        place, part = pending.pop()
        if not isinstance(part, dict):
            continue
        yield place, part
        try:
            pending.extend((place + inner, child) for inner, child in subschemas(part))
        except (AttributeError, TypeError):  # a keyword of the wrong type, which the metaschema reports
            continue


def _keyword_problems(schema: Mapping[str, Any], at: str) -> Iterator[FieldProblem]:
    for place, part in walk(schema):
        for keyword in _REFUSED:
            if keyword in part:
                yield _REFUSED_KEYWORD.at(dotted(at, [*place, keyword]))
        reference = part.get("$ref")
        if isinstance(reference, str) and reference != "#" and not reference.startswith("#/"):
            yield _LEADS_OUT.at(dotted(at, [*place, "$ref"]))


def _pattern_problems(schema: Mapping[str, Any], at: str) -> list[FieldProblem]:
    found = [(dotted(at, place), pattern) for place, pattern in _patterns(schema)]
    if len(found) > MAX_PATTERNS:
        return [_MANY_PATTERNS.at(at, limit=MAX_PATTERNS)]
    problems: list[FieldProblem] = []
    for field, pattern in found:
        if len(pattern) > MAX_PATTERN:
            problems.append(_LONG_PATTERN.at(field, limit=MAX_PATTERN))
            continue
        try:
            compile_validator({"pattern": pattern})
        except SchemaUnusable:
            problems.append(_UNSAFE_PATTERN.at(field))
    return problems


def _patterns(schema: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    for place, part in walk(schema):
        if isinstance(part.get("pattern"), str):
            yield (*place, "pattern"), part["pattern"]
        for pattern in part.get("patternProperties", {}):
            yield (*place, "patternProperties", pattern), pattern


def _reference_problems(schema: Mapping[str, Any], at: str) -> list[FieldProblem]:
    try:
        _expanded_size(schema, schema, (), {}, set())
    except _Unresolved as unresolved:
        return [replace(unresolved.problem, field=dotted(at, unresolved.place))]
    return []


class _Unresolved(Exception):
    def __init__(self, place: Place, problem: FieldProblem) -> None:
        super().__init__(problem.problem)
        self.place, self.problem = place, problem


def _expanded_size(
    schema: Mapping[str, Any], part: Any, place: Place, known: dict[int, int], open_parts: set[int]
) -> int:
    """Subschemas in `part` with references written out; each part is counted once, so this takes linear time."""
    if not isinstance(part, dict):
        return 1
    identity = id(part)
    if identity in known:
        return known[identity]
    if len(place) > _MAX_PLACE:
        raise _Unresolved(place[:4], _CHAIN.at(""))
    if identity in open_parts:
        raise _Unresolved(place, _CYCLE.at(""))
    open_parts.add(identity)
    size = 1
    for inner, child in subschemas(part):
        size += _expanded_size(schema, child, place + inner, known, open_parts)
    if isinstance(reference := part.get("$ref"), str):
        here = (*place, "$ref")
        try:
            target = resolve_pointer(schema, reference[1:])
        except LookupError:
            raise _Unresolved(here, _NOWHERE.at("")) from None
        if not isinstance(target, (dict, bool)):
            raise _Unresolved(here, _NOT_TO_SCHEMA.at(""))
        size += _expanded_size(schema, target, here, known, open_parts)
    if size > MAX_EXPANDED:
        raise _Unresolved(place, _EXPANDS.at("", limit=MAX_EXPANDED))
    open_parts.discard(identity)
    known[identity] = size
    return size


def _compile_problems(schema: Mapping[str, Any], at: str) -> list[FieldProblem]:
    try:
        compile_validator(schema)
    except SchemaUnusable as error:
        return [_UNCOMPILED.at(at, why=str(error).splitlines()[0][:200])]
    return []
