"""The form a revision is launched with, and the inputs it lets through."""

from collections.abc import Collection, Mapping
from typing import Any

from kernel.errors import FieldProblem
from kernel.forms.data import validate_data
from kernel.forms.defaults import with_defaults
from kernel.forms.model import Form
from kernel.forms.secrets import secret_fields
from orchestrator.launch.errors import InputsRefused

_NOTHING_ASKED: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}


def launch_form(definition: Mapping[str, Any]) -> Form:
    """The definition's own form, or an empty one that lets no input through."""
    return form_of(definition.get("form"))


def form_of(document: Mapping[str, Any] | None) -> Form:
    """A form as it stands in a definition, or an empty one that lets nothing through."""
    if document is None:
        return Form(_NOTHING_ASKED)
    return Form(document["schema"], document.get("uischema"), document.get("i18n") or {})


def accepted_inputs(form: Form, given: Mapping[str, Any], place: str = "/inputs") -> dict[str, Any]:
    """The inputs a task starts with: what was given, defaults filled in.

    Raises:
        InputsRefused: naming every wrong field as a JSON pointer below ``place``.
    """
    inputs: dict[str, Any] = with_defaults(form.schema, dict(given))
    problems = validate_data(form.schema, inputs, place)
    if problems:
        listed = "; ".join(f"{problem.field} {problem.problem}" for problem in problems[:5])
        raise InputsRefused(listed, fields=problems)
    return inputs


def check_each(form: Form, given: Mapping[str, Any], place: str = "/inputs") -> None:
    """Inputs that need not be complete and are to be kept.

    Raises:
        InputsRefused: naming every wrong field, and every one that takes a secret.
    """
    problems = [
        FieldProblem(f"{place}/{name}", "takes a secret, which is not kept", "Leave it out")
        for name in sorted(secret_fields(form.schema) & given.keys())
    ] or validate_data(each_alone(form.schema), dict(given), place)
    if problems:
        listed = "; ".join(f"{problem.field} {problem.problem}" for problem in problems[:5])
        raise InputsRefused(listed, fields=problems)


def still_fitting(form: Form, earlier: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What of earlier inputs the form takes, and the names of what it does not: gone, changed, or secret."""
    alone, secret = each_alone(form.schema), secret_fields(form.schema)
    known = form.schema.get("properties", {})
    kept = {
        name: value
        for name, value in earlier.items()
        if name in known and name not in secret and not validate_data(alone, {name: value}, "")
    }
    return kept, sorted(earlier.keys() - kept.keys())


def each_alone(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of some of the inputs: each must fit, none is required."""
    kept = ("type", "properties", "additionalProperties", "patternProperties", "$defs", "definitions")
    return {key: schema[key] for key in kept if key in schema}


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
