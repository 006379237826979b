"""JSON Forms UI schemas: element types, and scopes that lead to something in the data's schema."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from kernel.errors import FieldProblem
from kernel.forms.bounds import SCHEMA_BOUNDS, bound_problem
from kernel.forms.pointers import dotted, resolve_pointer
from kernel.forms.schema import schema_problems
from kernel.wording import Wordings

LAYOUTS = frozenset({"VerticalLayout", "HorizontalLayout", "Group", "Categorization", "Category"})
CONTROLS = frozenset({"Control", "ListWithDetail"})
EFFECTS = frozenset({"HIDE", "SHOW", "ENABLE", "DISABLE"})
_TYPES = tuple(sorted(LAYOUTS | CONTROLS | {"Label"}))

UISCHEMAS: Final = Wordings("uischema")
_NO_ELEMENT = UISCHEMAS.add("object", "must be an object", "Give an element with a type, one of {types}")
_NO_TYPE = UISCHEMAS.add("type", "is no element type", "Choose one of {types}")
_NO_LABEL = UISCHEMAS.add("text", "must be a text", "Give the label's text")
_NO_LIST = UISCHEMAS.add("elements", "must be a list", "List the elements of the layout")
_NO_FIELD = UISCHEMAS.add("scope", "leads to no field of the schema", "Write #/properties/<field>")
_NO_OPTIONS = UISCHEMAS.add("options", "must be an object", "Give options by name")
_NO_EFFECT = UISCHEMAS.add("effect", "is no effect", "Choose one of {effects}")
_NO_CONDITION = UISCHEMAS.add("condition", "must be an object", "Give scope and schema")

_Place = tuple[str | int, ...]


def uischema_problems(uischema: Any, schema: Mapping[str, Any], at: str) -> list[FieldProblem]:
    """What is wrong with a UI schema of a sound `schema`, each at its dotted path."""
    past = bound_problem(uischema, SCHEMA_BOUNDS, at)
    if past is not None:
        return [past]
    return [
        replace(problem, field=dotted(at, place)) for place, problem in _element_problems(uischema, schema, schema, ())
    ]


_Found = Iterator[tuple[_Place, FieldProblem]]


def _element_problems(element: Any, schema: Any, root: Mapping[str, Any], place: _Place) -> _Found:
    if not isinstance(element, dict):
        yield place, _NO_ELEMENT.at("", types=_TYPES)
        return
    kind = element.get("type")
    if not isinstance(kind, str) or kind not in _TYPES:
        yield (*place, "type"), _NO_TYPE.at("", types=_TYPES)
        return
    if "rule" in element:
        yield from _rule_problems(element["rule"], schema, root, (*place, "rule"))
    if kind in LAYOUTS:
        yield from _layout_problems(element, schema, root, place)
    elif kind in CONTROLS:
        yield from _control_problems(element, schema, root, place)
    elif not isinstance(element.get("text"), str):
        yield (*place, "text"), _NO_LABEL.at("")


def _layout_problems(element: Mapping[str, Any], schema: Any, root: Mapping[str, Any], place: _Place) -> _Found:
    elements = element.get("elements")
    if not isinstance(elements, list):
        yield (*place, "elements"), _NO_LIST.at("")
        return
    for index, inner in enumerate(elements):
        yield from _element_problems(inner, schema, root, (*place, "elements", index))


def _control_problems(element: Mapping[str, Any], schema: Any, root: Mapping[str, Any], place: _Place) -> _Found:
    found, target = _target(element.get("scope"), schema, root)
    if not found:
        yield (*place, "scope"), _NO_FIELD.at("")
        return
    options = element.get("options", {})
    if not isinstance(options, dict):
        yield (*place, "options"), _NO_OPTIONS.at("")
        return
    detail = options.get("detail")
    if isinstance(detail, dict):
        items = _resolved(target, root)
        inner = items.get("items", items) if isinstance(items, dict) else items
        yield from _element_problems(detail, inner, root, (*place, "options", "detail"))


def _rule_problems(rule: Any, schema: Any, root: Mapping[str, Any], place: _Place) -> _Found:
    if not isinstance(rule, dict) or rule.get("effect") not in EFFECTS:
        yield (*place, "effect"), _NO_EFFECT.at("", effects=tuple(sorted(EFFECTS)))
        return
    condition = rule.get("condition")
    if not isinstance(condition, dict):
        yield (*place, "condition"), _NO_CONDITION.at("")
        return
    if not _target(condition.get("scope"), schema, root)[0]:
        yield (*place, "condition", "scope"), _NO_FIELD.at("")
    for problem in schema_problems(condition.get("schema"), dotted("", [*place, "condition", "schema"])):
        unsound = f"is not sound: {problem.field} {problem.problem}"
        yield (*place, "condition", "schema"), FieldProblem("", unsound, problem.remedy)


def _target(scope: Any, schema: Any, root: Mapping[str, Any]) -> tuple[bool, Any]:
    """What a scope like `#/properties/a/properties/b` leads to, through references of the schema."""
    if not isinstance(scope, str) or not (scope == "#" or scope.startswith("#/")):
        return False, None
    current = _resolved(schema, root)
    for raw in scope.split("/")[1:]:
        current = _resolved(current, root)
        try:
            current = resolve_pointer(current, f"/{raw}")
        except LookupError:
            return False, None
    return True, current


def _resolved(schema: Any, root: Mapping[str, Any]) -> Any:
    while isinstance(schema, dict) and isinstance(reference := schema.get("$ref"), str):
        schema = resolve_pointer(root, reference[1:])
    return schema
