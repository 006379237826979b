"""The form of a flow from the variables that are filled in when a task is created."""

from collections.abc import Mapping
from typing import Any

from orchestrator.flow.blueking.fields import MOMENTS, STAFF, Field, field_of
from orchestrator.flow.blueking.names import bare, is_asked
from orchestrator.flow.blueking.report import Report

Drawn = Mapping[tuple[str, str], Mapping[str, str]]
"""By activity and its input: the plugin, version and field whose form draws it."""


def form_of(
    constants: Mapping[str, Mapping[str, Any]], report: Report, drawn: Drawn | None = None
) -> dict[str, Any] | None:
    """JSON Schema of what is asked, and which fields a plugin's own form draws; none when nothing is asked."""
    asked = [constant for constant in constants.values() if is_asked(constant) and not _is_moment(constant, report)]
    asked.sort(key=lambda constant: constant.get("index") or 0)
    if not asked:
        return None
    fields = {bare(constant["key"]): (constant, field_of(constant, report)) for constant in asked}
    properties = {name: _property(constant, field, report) for name, (constant, field) in fields.items()}
    form: dict[str, Any] = {"schema": {"type": "object", "properties": properties}}
    options = {name: _options(constant, field, drawn or {}) for name, (constant, field) in fields.items()}
    if len(asked) > 1 or any(options.values()):  # a list, since members of an object may be kept in another order
        form["uischema"] = {"type": "VerticalLayout", "elements": [_element(*one) for one in options.items()]}
    return form


def _is_moment(constant: Mapping[str, Any], report: Report) -> bool:
    """The time needs no filling in."""
    if constant.get("custom_type") not in MOMENTS:
        return False
    report.lost(f"constants.{constant['key']}", "is the time at which it is named, which nothing stands for")
    return True


def described(constant: Mapping[str, Any], field: Field) -> dict[str, Any]:
    """The schema of what a variable holds, with the words about it."""
    words = {"title": constant.get("name"), "description": constant.get("desc")}
    return {**{name: text for name, text in words.items() if text}, **field.schema}


def _options(constant: Mapping[str, Any], field: Field, drawn: Drawn) -> dict[str, Any]:
    """Of the control."""
    source = _source(constant, drawn)
    return dict(field.options) if source is None else {**field.options, "source": dict(source)}


def _source(constant: Mapping[str, Any], drawn: Drawn) -> Mapping[str, str] | None:
    """The first input that was made this variable and that a plugin's form draws."""
    for activity, fields in (constant.get("source_info") or {}).items():
        for field in fields if isinstance(fields, list) else ():
            found = drawn.get((activity, bare(field)))
            if found is not None:
                return found
    return None


def _element(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    element: dict[str, Any] = {"type": "Control", "scope": f"#/properties/{name}"}
    return {**element, "options": options} if options else element


def _property(constant: Mapping[str, Any], field: Field, report: Report) -> dict[str, Any]:
    schema = {"title": bare(constant["key"]), **described(constant, field)}
    default = field.value
    if isinstance(default, str) and "${" in default:
        report.lost(f"constants.{constant['key']}", "its default names other variables, which a form's default cannot")
    elif default not in (None, "") and constant.get("custom_type") != STAFF:
        schema["default"] = default
    return schema
