"""Is a form itself sound?"""

import re
from typing import Any

from kernel.errors import FieldProblem, Invalid
from kernel.forms.bounds import SCHEMA_BOUNDS, bound_problem
from kernel.forms.model import Form
from kernel.forms.pointers import dotted
from kernel.forms.schema import object_schema_problems
from kernel.forms.uischema import uischema_problems

_LANGUAGE = re.compile(r"[a-z]{2}(-[A-Z]{2})?")
_PARTS = ("schema", "uischema", "i18n")


def form_problems(document: Any, at: str = "form") -> list[FieldProblem]:
    """What is wrong with a form document, each at its dotted path below `at`; empty when it is sound."""
    if not isinstance(document, dict):
        return [FieldProblem(at, "must be an object", "Give schema, and uischema and i18n where wanted")]
    past = bound_problem(document, SCHEMA_BOUNDS, at)
    if past is not None:
        return [past]
    unknown = [
        FieldProblem(dotted(at, [name]), "is not part of a form", f"A form has {', '.join(_PARTS)}")
        for name in document
        if name not in _PARTS
    ]
    schema = document.get("schema")
    problems = unknown + object_schema_problems(schema, dotted(at, ["schema"]))
    uischema = document.get("uischema")
    if not problems and uischema is not None and isinstance(schema, dict):
        problems += uischema_problems(uischema, schema, dotted(at, ["uischema"]))
    return problems + _i18n_problems(document.get("i18n"), dotted(at, ["i18n"]))


def read_form(document: Any, at: str = "form") -> Form:
    """The form of a sound document.

    Raises:
        Invalid: naming each wrong field.
    """
    problems = form_problems(document, at)
    if problems:
        raise Invalid("; ".join(f"{p.field}: {p.problem}" for p in problems[:5]), fields=problems)
    return Form(document["schema"], document.get("uischema"), document.get("i18n") or {})


def _i18n_problems(i18n: Any, at: str) -> list[FieldProblem]:
    if i18n is None:
        return []
    if not isinstance(i18n, dict):
        return [FieldProblem(at, "must be an object", "Give texts by language: {zh: {ip.label: …}}")]
    problems: list[FieldProblem] = []
    for language, texts in i18n.items():
        place = dotted(at, [language])
        if not _LANGUAGE.fullmatch(language):
            problems.append(FieldProblem(place, "is no language", "Write zh, en or the like"))
        elif not isinstance(texts, dict):
            problems.append(FieldProblem(place, "must be an object", "Give texts by key"))
        else:
            problems += [
                FieldProblem(dotted(place, [key]), "must be a text", "Write the translation")
                for key, text in texts.items()
                if not isinstance(text, str)
            ]
    return problems
