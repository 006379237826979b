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
    form = definition.get("form")
    if form is None:
        return Form(_NOTHING_ASKED)
    return Form(form["schema"], form.get("uischema"), form.get("i18n") or {})


def accepted_inputs(form: Form, given: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs a task starts with: what was given, defaults filled in.

    Raises:
        InputsRefused: naming every wrong field as a JSON pointer below `/inputs`.
    """
    inputs: dict[str, Any] = with_defaults(form.schema, dict(given))
    problems = validate_data(form.schema, inputs, "/inputs")
    if problems:
        listed = "; ".join(f"{problem.field} {problem.problem}" for problem in problems[:5])
        raise InputsRefused(listed, fields=problems)
    return inputs
