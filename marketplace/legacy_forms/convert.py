"""From what the sandbox told of a form.js to the form model. Pure."""

import math
from collections.abc import Mapping
from typing import Any, Final

from kernel.forms.check import read_form
from kernel.forms.model import Form
from kernel.forms.secrets import SECRET
from marketplace.legacy_forms.conversion import Conversion
from marketplace.legacy_forms.evaluated import Code, EvaluatedForm, Other, Pattern, Tag, marked, readable
from marketplace.legacy_forms.field_schemas import (
    Schema,
    choices,
    is_many,
    is_required,
    is_sealed,
    static_pattern,
    value_schema,
)
from marketplace.legacy_forms.report import reported
from marketplace.legacy_forms.vocabulary import TAGS, WITHOUT_VALUE

Texts = Mapping[str, Mapping[str, str]]
_HIDDEN: Final = {"effect": "HIDE", "condition": {"scope": "#", "schema": {}}}
_WIDGETS: Final = {"code_editor": "code", "password": "password", "textarea": "textarea"}
_HELD_BACK: Final = frozenset(
    (
        "name",
        "default",
        "value",
        "hidden",
        "validation",
        "items",
        "placeholder",
        "tips",
        "desc",
        "children",
        "columns",
        "remote_url",
        "remote_data_init",
    )
)


def converted(evaluated: EvaluatedForm, texts: Texts | None = None) -> Conversion:
    """The form model, what runs, and the report.

    Args:
        texts: translations by language of what the form gives to gettext.

    Raises:
        Invalid: the form has no model, e.g. for its size.
    """
    behaviours, findings = reported(evaluated)
    dynamic = frozenset(use for behaviour in behaviours for use in behaviour.uses)
    maker = _Maker(texts or {}, dynamic)
    elements = [maker.element(tag, (), at_top=True) for tag in evaluated.tags]
    schema = {
        "type": "object",
        "properties": {tag.code: maker.schemas[tag.code,] for tag in evaluated.tags if tag.type not in WITHOUT_VALUE},
    }
    required = [tag.code for tag in evaluated.tags if is_required(tag) and tag.type not in WITHOUT_VALUE]
    if required and "instance.hide" not in dynamic:
        schema["required"] = required
    document = {"schema": schema, "uischema": {"type": "VerticalLayout", "elements": elements}, "i18n": maker.i18n}
    form: Form = read_form(document)
    return Conversion(
        evaluated.code,
        evaluated.codes,
        form,
        behaviours,
        findings,
        evaluated.uses,
        evaluated.texts,
        evaluated.requests,
    )


class _Maker:
    """Makes schemas and elements side by side, since both follow the tree of tags."""

    def __init__(self, texts: Texts, dynamic: frozenset[str]) -> None:
        self._texts = texts
        self._dynamic = dynamic
        self.schemas: dict[tuple[str, ...], Schema] = {}
        self.i18n: dict[str, dict[str, str]] = {}

    def element(self, tag: Tag, above: tuple[str, ...], *, at_top: bool = False) -> dict[str, Any]:
        path = (*above, tag.code)
        details = [self.element(inner, path) for inner in tag.inner]
        if tag.type in WITHOUT_VALUE:
            options = {**_options(tag), "tag": tag.type, "code": tag.code}
            return self._hidden(tag, {"type": "Label", "text": _label(tag), "options": options})
        self.schemas[path] = self._schema(tag, path, at_top=at_top)
        self._translate(tag, path)
        options = {"tag": tag.type, **_options(tag)}
        if tag.inner:
            options["detail"] = {"type": "VerticalLayout", "elements": details}
        scope = "#/properties/" + tag.code.replace("~", "~0").replace("/", "~1")
        return self._hidden(tag, {"type": "Control", "scope": scope, "options": options})

    def _schema(self, tag: Tag, path: tuple[str, ...], *, at_top: bool) -> Schema:
        inner = {one.code: self.schemas[*path, one.code] for one in tag.inner if one.type not in WITHOUT_VALUE}
        schema = value_schema(tag, open_choices=self._open(tag), inner=inner)
        schema["title"] = _label(tag)
        about = _plain_text(tag.attributes.get("tips")) or _plain_text(tag.attributes.get("desc"))
        if about:
            schema["description"] = about
        if tag.type == "password" and at_top and not is_sealed(tag):
            return {**schema, SECRET: True}
        default = _default(tag)
        if default is not None:
            schema["default"] = default
        pattern = static_pattern(tag)
        if pattern is not None and schema.get("type") == "string":
            schema["pattern"] = pattern
        return schema

    def _open(self, tag: Tag) -> bool:
        attributes = tag.attributes
        remote = (
            attributes.get("remote") is True or attributes.get("remote_url") or attributes.get("allowCreate") is True
        )
        return bool(remote) or "state.items" in self._dynamic or not isinstance(attributes.get("items"), list)

    def _translate(self, tag: Tag, path: tuple[str, ...]) -> None:
        key = ".".join(path)
        spoken = {f"{key}.label": _label(tag)}
        about = self.schemas[path].get("description")
        if about:
            spoken[f"{key}.description"] = about
        if tag.type in {"radio", "checkbox", "select"}:
            spoken |= {f"{key}.{value}": text for value, text in choices(tag)}
        for language, own in self._texts.items():
            found = {name: own[text] for name, text in spoken.items() if text in own}
            if found:
                self.i18n.setdefault(language, {}).update(found)

    def _hidden(self, tag: Tag, element: dict[str, Any]) -> dict[str, Any]:
        return {**element, "rule": _HIDDEN} if tag.attributes.get("hidden") is True else element


def _label(tag: Tag) -> str:
    for name in ("name", "title"):
        text = _plain_text(tag.attributes.get(name))
        if text:
            return text
    return tag.code


def _plain_text(value: Any) -> str:
    return readable(value)[:2_000] if isinstance(value, str) else ""


def _default(tag: Tag) -> Any:
    for name in ("value", "default"):
        value = tag.attributes.get(name)
        if value is not None and is_static(value) and _fits(tag, value):
            return value
    return None


def _fits(tag: Tag, value: Any) -> bool:
    if tag.type == "int":
        return isinstance(value, int) and not isinstance(value, bool)
    if tag.type in {"datatable", "tree", "cascader", "upload"} or is_many(tag):
        return isinstance(value, list)
    if tag.type in {"combine", "ip_selector", "set_allocation", "host_allocation"}:
        return isinstance(value, dict)
    if tag.type in {"radio", "select"}:
        return isinstance(value, (str, int, float, bool)) and value != ""
    return isinstance(value, str) if tag.type in TAGS and tag.type != "time" else True


def is_static(value: Any) -> bool:
    """Whether nothing in it is known at run time only."""
    if isinstance(value, (Code, Other, Pattern)):
        return False
    if isinstance(value, str):
        return not marked(value)
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, list):
        return all(map(is_static, value))
    if isinstance(value, dict):
        return all(is_static(one) for one in value.values())
    return True


def _options(tag: Tag) -> dict[str, Any]:
    """What a renderer may want to know: the tag's own attributes, as far as they are JSON."""
    options = {
        name: value
        for name, value in tag.attributes.items()
        if name not in _HELD_BACK and is_static(value) and name in TAGS.get(tag.type, ())
    }
    if tag.type in _WIDGETS:
        options["widget"] = _WIDGETS[tag.type]
    if tag.type == "radio":
        options["format"] = "radio"
    placeholder = _plain_text(tag.attributes.get("placeholder"))
    if placeholder:
        options["placeholder"] = placeholder
    cols = tag.attributes.get("cols")
    if isinstance(cols, int):
        options["cols"] = cols
    if tag.attributes.get("hookable") is False:
        options["hookable"] = False
    options |= {name: True for name in ("disabled", "formViewHidden") if tag.attributes.get(name) is True}
    if tag.type == "input" and tag.attributes.get("showPassword") is True:
        options["widget"] = "password"
    if tag.type == "datatable":
        options.setdefault("pagination", True)
    items = tag.attributes.get("items")
    if isinstance(items, list) and is_static(items):
        options["items"] = items
    return options
