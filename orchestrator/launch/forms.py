"""The form a revision is launched with, and the inputs it lets through."""

from collections.abc import Mapping
from typing import Any

from kernel.forms.data import validate_data
from kernel.forms.defaults import with_defaults
from kernel.forms.model import Form
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
