"""The form of a flow from the variables that are filled in when a task is created."""

import re
from collections.abc import Mapping
from typing import Any

from kernel.forms.formats import NOTICE_GROUP
from orchestrator.flow.blueking.host_pickers import KINDS, choice_of, is_picker
from orchestrator.flow.blueking.names import bare, is_asked
from orchestrator.flow.blueking.report import Report

_TEXTS = frozenset({"", "input", "textarea", "radio", "datetime", "date", "time", "password", "bk_user_selector"})
_SELECTS = "select"
_STAFF = "staff_group_selector"
_LISTS: Mapping[str, dict[str, Any]] = {
    "datatable": {"type": "array", "items": {"type": "object"}},
    _STAFF: {"type": "array", "items": {"type": "string", "format": NOTICE_GROUP}, "uniqueItems": True},
}
_PICKERS = frozenset(
    {
        "ip_filter",
        "attribute_query",
        "set_module_selector",
        "set_group_selector",
        "set_module_ip_selector",
        "set_allocation",
        "set_filter_selector",
    }
)
_CHOICE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "ip": {
            "type": "array",
            "title": "Hosts",
            "items": {"type": "object", "properties": {"bk_host_innerip": {"type": "string", "title": "Address"}}},
        },
        "topo": {
            "type": "array",
            "title": "Places",
            "items": {
                "type": "object",
                "properties": {
                    "bk_obj_id": {"enum": ["biz", "set", "module"], "title": "Kind"},
                    "bk_inst_id": {"type": "integer", "title": "Id"},
                },
            },
        },
        "group": {
            "type": "array",
            "title": "Dynamic groups",
            "items": {"type": "object", "properties": {"id": {"type": "string", "title": "Id"}}},
        },
    },
}
"""What a host picker keeps, of which people fill in this much."""
_ANY = re.compile(r"\^?\.[*+]\$?")


Drawn = Mapping[tuple[str, str], Mapping[str, str]]
"""By activity and its input: the plugin, version and field whose form draws it."""


def form_of(
    constants: Mapping[str, Mapping[str, Any]], report: Report, drawn: Drawn | None = None
) -> dict[str, Any] | None:
    """JSON Schema of what is asked, and which fields a plugin's own form draws; none when nothing is asked."""
    asked = [constant for constant in constants.values() if is_asked(constant)]
    asked.sort(key=lambda constant: constant.get("index") or 0)
    if not asked:
        return None
    properties = {bare(constant["key"]): _property(constant, report) for constant in asked}
    form: dict[str, Any] = {"schema": {"type": "object", "properties": properties}}
    sources = {bare(constant["key"]): _source(constant, drawn or {}) for constant in asked}
    if any(sources.values()):
        form["uischema"] = {"type": "VerticalLayout", "elements": [_element(*one) for one in sources.items()]}
    return form


def _source(constant: Mapping[str, Any], drawn: Drawn) -> Mapping[str, str] | None:
    """The first input that was made this variable and that a plugin's form draws."""
    for activity, fields in (constant.get("source_info") or {}).items():
        for field in fields if isinstance(fields, list) else ():
            found = drawn.get((activity, bare(field)))
            if found is not None:
                return found
    return None


def _element(name: str, source: Mapping[str, str] | None) -> dict[str, Any]:
    element: dict[str, Any] = {"type": "Control", "scope": f"#/properties/{name}"}
    return element if source is None else {**element, "options": {"source": dict(source)}}


def _property(constant: Mapping[str, Any], report: Report) -> dict[str, Any]:
    place = f"constants.{constant['key']}"
    kind = constant.get("custom_type") or ""
    schema: dict[str, Any] = {"title": constant.get("name") or bare(constant["key"])}
    if constant.get("desc"):
        schema["description"] = constant["desc"]
    schema |= _type(kind, constant.get("value"), place, report)
    default = choice_of(constant.get("value")) if is_picker(constant) else constant.get("value")
    if isinstance(default, str) and "${" in default:
        report.lost(place, "its default names other variables, which a form's default cannot")
    elif default not in (None, "") and kind != _STAFF and not (kind == "select" and not isinstance(default, str)):
        schema["default"] = default
    pattern = constant.get("validation") or ""
    if pattern and not _ANY.fullmatch(pattern) and schema.get("type") == "string":
        schema["pattern"] = pattern
    return schema


def _type(kind: str, value: Any, place: str, report: Report) -> dict[str, Any]:
    if kind == "int":
        return {"type": ["integer", "string"]}
    if kind in KINDS:
        return _CHOICE
    if kind in _PICKERS:
        report.open(place, f"picks by {kind}, which has no counterpart yet: give the values themselves")
        return {}
    if kind in _LISTS:
        if kind == _STAFF:
            report.note(place, "names notice groups of the project: give it to bk_staff_group of bk_notify")
        return _LISTS[kind]
    if kind in _TEXTS and isinstance(value, str):
        return {"type": "string"}
    if kind not in _TEXTS and kind != _SELECTS:
        report.note(place, f"is of the type {kind}: any value is accepted")
    return {}
