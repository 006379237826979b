"""JSON Forms UI schemas: element types, and scopes that lead to something in the data's schema."""

from collections.abc import Iterator, Mapping
from typing import Any

from kernel.errors import FieldProblem
from kernel.forms.bounds import SCHEMA_BOUNDS, bound_problem
from kernel.forms.pointers import dotted, resolve_pointer
from kernel.forms.schema import schema_problems

LAYOUTS = frozenset({"VerticalLayout", "HorizontalLayout", "Group", "Categorization", "Category"})
CONTROLS = frozenset({"Control", "ListWithDetail"})
EFFECTS = frozenset({"HIDE", "SHOW", "ENABLE", "DISABLE"})
_TYPES = sorted(LAYOUTS | CONTROLS | {"Label"})

_Place = tuple[str | int, ...]


def uischema_problems(uischema: Any, schema: Mapping[str, Any], at: str) -> list[FieldProblem]:
    """What is wrong with a UI schema of a sound `schema`, each at its dotted path."""
    past = bound_problem(uischema, SCHEMA_BOUNDS, at)
    if past is not None:
        return [past]
    return [
        FieldProblem(dotted(at, place), problem, remedy)
        for place, problem, remedy in _element_problems(uischema, schema, schema, ())
    ]


_Found = Iterator[tuple[_Place, str, str]]


def _element_problems(element: Any, schema: Any, root: Mapping[str, Any], place: _Place) -> _Found:
    if not isinstance(element, dict):
        yield place, "must be an object", f"Give an element with a type, one of {', '.join(_TYPES)}"
        return
    kind = element.get("type")
    if not isinstance(kind, str) or kind not in _TYPES:
        yield (*place, "type"), "is no element type", f"Choose one of {', '.join(_TYPES)}"
        return
    if "rule" in element:
        yield from _rule_problems(element["rule"], schema, root, (*place, "rule"))
    if kind in LAYOUTS:
        yield from _layout_problems(element, schema, root, place)
    elif kind in CONTROLS:
        yield from _control_problems(element, schema, root, place)
    elif not isinstance(element.get("text"), str):
        yield (*place, "text"), "must be a text", "Give the label's text"


def _layout_problems(element: Mapping[str, Any], schema: Any, root: Mapping[str, Any], place: _Place) -> _Found:
    elements = element.get("elements")
    if not isinstance(elements, list):
        yield (*place, "elements"), "must be a list", "List the elements of the layout"
        return
    for index, inner in enumerate(elements):
        yield from _element_problems(inner, schema, root, (*place, "elements", index))


def _control_problems(element: Mapping[str, Any], schema: Any, root: Mapping[str, Any], place: _Place) -> _Found:
    found, target = _target(element.get("scope"), schema, root)
    if not found:
        yield (*place, "scope"), "leads to no field of the schema", "Write #/properties/<field>"
        return
    options = element.get("options", {})
    if not isinstance(options, dict):
        yield (*place, "options"), "must be an object", "Give options by name"
        return
    detail = options.get("detail")
    if isinstance(detail, dict):
        items = _resolved(target, root)
        inner = items.get("items", items) if isinstance(items, dict) else items
        yield from _element_problems(detail, inner, root, (*place, "options", "detail"))


def _rule_problems(rule: Any, schema: Any, root: Mapping[str, Any], place: _Place) -> _Found:
    if not isinstance(rule, dict) or rule.get("effect") not in EFFECTS:
        yield (*place, "effect"), "is no effect", f"Choose one of {', '.join(sorted(EFFECTS))}"
        return
    condition = rule.get("condition")
    if not isinstance(condition, dict):
        yield (*place, "condition"), "must be an object", "Give scope and schema"
        return
    if not _target(condition.get("scope"), schema, root)[0]:
        yield (*place, "condition", "scope"), "leads to no field of the schema", "Write #/properties/<field>"
    for problem in schema_problems(condition.get("schema"), dotted("", [*place, "condition", "schema"])):
        yield (*place, "condition", "schema"), f"is not sound: {problem.field} {problem.problem}", problem.remedy


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
