"""Is a schema sound, self-contained and bounded?

References stay inside the document and never lead back to where they came from, and the schema written out without
them is bounded. So the cost of validating is bounded by the size of the schema times the size of the data.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from kernel.errors import FieldProblem
from kernel.forms.bounds import SCHEMA_BOUNDS, bound_problem
from kernel.forms.data import SchemaUnusable, compile_validator, meta_validator
from kernel.forms.pointers import dotted, resolve_pointer
from kernel.forms.wording import field_problems

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

Step = str | int
Place = tuple[Step, ...]


def schema_problems(schema: Any, at: str) -> list[FieldProblem]:
    """What is wrong with a schema, each at its dotted path; empty when it is sound."""
    if not isinstance(schema, dict):
        return [FieldProblem(at, "must be an object with a JSON Schema", "Begin with {type: object, properties: …}")]
    past = bound_problem(schema, SCHEMA_BOUNDS, at)
    if past is not None:
        return [past]
    if schema.get("$schema", DIALECT) != DIALECT:
        return [FieldProblem(dotted(at, ["$schema"]), "is another dialect", f"Leave it out or write {DIALECT}")]
    problems = [
        FieldProblem(_place(at, problem.field), problem.problem, problem.remedy)
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
        return [FieldProblem(dotted(at, ["type"]), "must be object", "Write type: object")]
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
                yield FieldProblem(dotted(at, [*place, keyword]), "is not supported", "Use $ref to #/$defs/… alone")
        reference = part.get("$ref")
        if isinstance(reference, str) and reference != "#" and not reference.startswith("#/"):
            yield FieldProblem(dotted(at, [*place, "$ref"]), "leads out of the document", "Refer to #/$defs/…")


def _pattern_problems(schema: Mapping[str, Any], at: str) -> list[FieldProblem]:
    found = [(dotted(at, place), pattern) for place, pattern in _patterns(schema)]
    if len(found) > MAX_PATTERNS:
        return [FieldProblem(at, f"has more than {MAX_PATTERNS} patterns", "Use fewer")]
    problems: list[FieldProblem] = []
    for field, pattern in found:
        if len(pattern) > MAX_PATTERN:
            problems.append(FieldProblem(field, f"is longer than {MAX_PATTERN} characters", "Write a shorter pattern"))
            continue
        try:
            compile_validator({"pattern": pattern})
        except SchemaUnusable:
            remedy = "Write one without look-around and back references, and with small repetitions"
            problems.append(FieldProblem(field, "is no regular expression that can be matched safely", remedy))
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
    except _Unresolved as problem:
        return [FieldProblem(dotted(at, problem.place), problem.problem, problem.remedy)]
    return []


class _Unresolved(Exception):
    def __init__(self, place: Place, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.place, self.problem, self.remedy = place, problem, remedy


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
        raise _Unresolved(place[:4], "chains too many references", "Refer more directly")
    if identity in open_parts:
        raise _Unresolved(place, "leads back to itself", "Write the levels out; recursive schemas are not supported")
    open_parts.add(identity)
    size = 1
    for inner, child in subschemas(part):
        size += _expanded_size(schema, child, place + inner, known, open_parts)
    if isinstance(reference := part.get("$ref"), str):
        here = (*place, "$ref")
        try:
            target = resolve_pointer(schema, reference[1:])
        except LookupError:
            raise _Unresolved(here, "leads to nothing", "Define what it refers to below $defs") from None
        if not isinstance(target, (dict, bool)):
            raise _Unresolved(here, "leads to something that is no schema", "Refer to a schema below $defs")
        size += _expanded_size(schema, target, here, known, open_parts)
    if size > MAX_EXPANDED:
        raise _Unresolved(place, f"is more than {MAX_EXPANDED} schemas when written out", "Make it smaller")
    open_parts.discard(identity)
    known[identity] = size
    return size


def _compile_problems(schema: Mapping[str, Any], at: str) -> list[FieldProblem]:
    try:
        compile_validator(schema)
    except SchemaUnusable as error:
        return [FieldProblem(at, f"can't be compiled: {str(error).splitlines()[0][:200]}", "Simplify it")]
    return []
