"""What a variable of Standard OPS holds, by its type: a schema as forms have it, and its value in that shape."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from kernel.forms.formats import NOTICE_GROUP
from kernel.forms.schema import schema_problems
from orchestrator.flow.blueking.host_pickers import CHOICE, choice_of, is_picker
from orchestrator.flow.blueking.report import Report

STAFF: Final = "staff_group_selector"
MOMENTS: Final = frozenset({"current_time", "format_support_current_time"})
"""Types that hold the time at which they are named."""
DATETIME: Final = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$"}
TIME: Final = {"type": "string", "pattern": r"^\d{2}:\d{2}$"}
NUMBER: Final = {"type": ["integer", "string"]}
SECRET: Final = {"type": "string", "writeOnly": True}
GROUPS: Final[Mapping[str, Any]] = {
    "type": "array",
    "items": {"type": "string", "format": NOTICE_GROUP},
    "uniqueItems": True,
}
SET_AND_MODULES: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "bk_set_id": {"type": "integer", "title": "Set"},
        "bk_module_id": {"type": "array", "title": "Modules", "items": {"type": "integer"}},
    },
}
SETS_BY_FIELD: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "bk_obj_id": {"type": "string", "title": "Field of sets"},
        "bk_obj_value": {"type": "string", "title": "Values, between commas"},
    },
}
ALWAYS: Final[Mapping[str, Mapping[str, Any]]] = {
    "int": NUMBER,
    "date": {"type": "string", "format": "date"},
    "datetime": DATETIME,
    "time": TIME,
    STAFF: GROUPS,
    "set_module_selector": SET_AND_MODULES,
    "set_filter_selector": SETS_BY_FIELD,
    "password": SECRET,
}
"""Type → schema, of those whose variables are all alike."""

_TEXTS = frozenset({"", "input", "textarea", "radio", "bk_user_selector", "set_group_selector", "attribute_query"})
_STANDARD_FORMAT = "%Y-%m-%d %H:%M:%S"
_LONG_TIME = re.compile(r"(\d{2}:\d{2}):\d{2}")
_ANY = re.compile(r"\^?\.[*+]\$?")
_WITHOUT_COUNTERPART = "picks by {kind}, which has no counterpart: give the values themselves"


@dataclass(frozen=True, slots=True)
class Field:
    """Attributes:
    schema: without title and description.
    value: none where there is none.
    options: of its control.
    """

    schema: Mapping[str, Any]
    value: Any = None
    options: Mapping[str, Any] = field(default_factory=dict)


def field_of(constant: Mapping[str, Any], report: Report) -> Field:
    """What has no counterpart is reported at the variable."""
    place, kind = f"constants.{constant['key']}", constant.get("custom_type") or ""
    value = constant.get("value")
    if is_picker(constant):
        return Field(CHOICE, choice_of(value))
    reader = _READERS.get(kind)
    if reader is not None:
        return reader(constant, place, report)
    if kind == "int" and isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value)
    if kind in ALWAYS:
        return Field(_narrowed(ALWAYS[kind], constant, place, report), value if value not in (None, "") else None)
    if kind not in _TEXTS:
        report.note(place, f"is of the type {kind}: any value is accepted")
        return Field({}, value)
    if not isinstance(value, str):
        return Field({}, value)
    options = {"multi": True} if kind == "textarea" else {}
    return Field(_narrowed({"type": "string"}, constant, place, report), value or None, options)


def _narrowed(schema: Mapping[str, Any], constant: Mapping[str, Any], place: str, report: Report) -> dict[str, Any]:
    """With the pattern that people's answers have to fit."""
    pattern = constant.get("validation") or ""
    if not pattern or _ANY.fullmatch(pattern) or schema.get("type") != "string" or "pattern" in schema:
        return dict(schema)
    narrowed = {**schema, "pattern": pattern}
    wrong = schema_problems(narrowed, "pattern")
    if wrong:
        report.lost(f"{place}.validation", f"{wrong[0].problem}: any text is accepted")
        return dict(schema)
    return narrowed


def _time(constant: Mapping[str, Any], _place: str, _report: Report) -> Field:
    """Standard OPS leaves out the seconds when it is named."""
    value = constant.get("value")
    long = _LONG_TIME.fullmatch(value) if isinstance(value, str) else None
    return Field(TIME, long[1] if long else value or None)


def _formatted(constant: Mapping[str, Any], place: str, report: Report) -> Field:
    value = constant.get("value")
    given: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
    form = str(given.get("datetime_format") or _STANDARD_FORMAT).strip()
    report.note(place, f"is filled in as it is used, in the form {form}")
    try:
        moment = datetime.strptime(str(given.get("datetime") or ""), _STANDARD_FORMAT)  # noqa: DTZ007 - it has none
    except ValueError:
        return Field({"type": "string"})
    return Field({"type": "string"}, moment.strftime(form))


def _password(constant: Mapping[str, Any], place: str, report: Report) -> Field:
    if constant.get("value"):
        report.lost(place, "its value can be read by Standard OPS alone: fill it in at launch")
    return Field(SECRET)


def _staff(_constant: Mapping[str, Any], place: str, report: Report) -> Field:
    report.note(place, "names notice groups of the project: give it to bk_staff_group of bk_notify")
    return Field(GROUPS)


def _select(constant: Mapping[str, Any], place: str, report: Report) -> Field:
    """Several choices are one text, as there."""
    config, value = _configured(constant)
    if config is None:
        return Field({}, value if isinstance(value, str) else None)
    if str(config.get("datasource") or "0") == "1":
        report.open(place, f"offers what {config.get('items_text')} answers: list the choices, or leave it free")
        return Field({"type": "string"}, _default(config, value))
    choices = list(_choices(_read(config.get("items_text"))))
    if not choices:
        report.open(place, "its choices can't be read: list them, or leave it free")
        return Field({"type": "string"}, _default(config, value))
    if str(config.get("type") or "0") != "1":
        return Field(_one_of(choices), _default(config, value))
    report.note(place, "is one text with the choices between commas")
    each = "|".join(re.escape(str(choice)) for choice, _ in choices)
    return Field({"type": "string", "pattern": f"^(({each})(,({each}))*)?$"}, _default(config, value))


def _one_of(choices: Sequence[tuple[Any, str]]) -> dict[str, Any]:
    of_texts = {"type": "string"} if all(isinstance(choice, str) for choice, _ in choices) else {}
    if all(str(choice) == text for choice, text in choices):
        return {**of_texts, "enum": [choice for choice, _ in choices]}
    return {**of_texts, "oneOf": [{"const": choice, "title": text} for choice, text in choices]}


def _table(constant: Mapping[str, Any], place: str, report: Report) -> Field:
    config, value = _configured(constant)
    rows = value if config is None else _read(config.get("default_text")) if value is None else value
    schema: dict[str, Any] = {"type": "array", "items": {"type": "object"}}
    if config is not None:
        columns = _read(config.get("columns_text"))
        described = [each for each in columns if isinstance(each, Mapping) and "tag_code" in each]
        named = {str(each["tag_code"]): _column(each) for each in described}
        if named:
            schema["items"]["properties"] = named
        else:
            report.open(place, "its columns can't be read: name them in the form")
    return Field(schema, rows if isinstance(rows, list) and rows else None)


def _column(column: Mapping[str, Any]) -> dict[str, Any]:
    attributes = column.get("attrs") or {}
    title = str(attributes.get("name") or column["tag_code"])
    return {"title": title, "type": "string"} if column.get("type") in {"input", "textarea"} else {"title": title}


def _without_counterpart(constant: Mapping[str, Any], place: str, report: Report) -> Field:
    report.open(place, _WITHOUT_COUNTERPART.format(kind=constant.get("custom_type")))
    return Field({})


def _configured(constant: Mapping[str, Any]) -> tuple[Mapping[str, Any] | None, Any]:
    """What describes a variable, and its value: a template's variable has its description for a value."""
    described = (constant.get("meta") or {}).get("value")
    value = constant.get("value")
    if isinstance(described, Mapping):
        return described, None if value == described else value
    return (value, None) if constant.get("is_meta") and isinstance(value, Mapping) else (None, value)


def _default(config: Mapping[str, Any], value: Any) -> Any:
    chosen = config.get("default") if value in (None, "") else value
    if isinstance(chosen, list):
        chosen = ",".join(map(str, chosen))
    return chosen if chosen not in (None, "") else None


def _choices(items: Sequence[Any]) -> Iterator[tuple[Any, str]]:
    for item in items:
        if isinstance(item, Mapping) and "value" in item:
            yield item["value"], str(item.get("text") or item["value"])


def _read(text: Any) -> list[Any]:
    """A list that is kept as its JSON; empty where it is none."""
    try:
        found = json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        return []
    return found if isinstance(found, list) else []


_READERS: Final[Mapping[str, Callable[[Mapping[str, Any], str, Report], Field]]] = {
    "time": _time,
    "format_support_datetime": _formatted,
    "password": _password,
    STAFF: _staff,
    "select": _select,
    "text_value_select": _select,
    "datatable": _table,
    "set_allocation": _without_counterpart,
}
