"""The form of an app: its flow's, without what is fixed. Pure."""

from collections.abc import Collection, Mapping
from typing import Any

from kernel.forms.model import Form


def without_fields(form: Form, names: Collection[str]) -> Form:
    """The form that does not ask for these."""
    if not names:
        return form
    schema = dict(form.schema)
    schema["properties"] = {name: part for name, part in schema.get("properties", {}).items() if name not in names}
    if "required" in schema:
        schema["required"] = [name for name in schema["required"] if name not in names]
    scopes = {f"#/properties/{name}" for name in names}
    uischema = None if form.uischema is None else _without(form.uischema, scopes)
    return Form(schema, uischema, form.i18n)


def _without(element: Mapping[str, Any], scopes: Collection[str]) -> dict[str, Any]:
    inner = element.get("elements")
    if not isinstance(inner, list):
        return dict(element)
    return {**element, "elements": [_without(each, scopes) for each in inner if each.get("scope") not in scopes]}
