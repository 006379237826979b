"""Is a form itself sound?"""

import re
from typing import Any, Final

from kernel.errors import FieldProblem, Invalid
from kernel.forms.bounds import SCHEMA_BOUNDS, bound_problem
from kernel.forms.model import Form
from kernel.forms.pointers import dotted
from kernel.forms.schema import object_schema_problems
from kernel.forms.uischema import uischema_problems
from kernel.wording import Wordings

_LANGUAGE = re.compile(r"[a-z]{2}(-[A-Z]{2})?")
_PARTS = ("schema", "uischema", "i18n")

FORMS: Final = Wordings("form")
_NO_FORM = FORMS.add("object", "must be an object", "Give schema, and uischema and i18n where wanted")
_NO_PART = FORMS.add("part", "is not part of a form", "A form has {parts}")
_NO_TEXTS = FORMS.add("texts", "must be an object", "Give texts by language: {zh: {ip.label: …}}")
_NO_LANGUAGE = FORMS.add("language", "is no language", "Write zh, en or the like")
_NO_KEYS = FORMS.add("texts_of_language", "must be an object", "Give texts by key")
_NO_TEXT = FORMS.add("text", "must be a text", "Write the translation")


def form_problems(document: Any, at: str = "form") -> list[FieldProblem]:
    """What is wrong with a form document, each at its dotted path below `at`; empty when it is sound."""
    if not isinstance(document, dict):
        return [_NO_FORM.at(at)]
    past = bound_problem(document, SCHEMA_BOUNDS, at)
    if past is not None:
        return [past]
    unknown = [_NO_PART.at(dotted(at, [name]), parts=_PARTS) for name in document if name not in _PARTS]
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
        raise Invalid.of(*problems)
    return Form(document["schema"], document.get("uischema"), document.get("i18n") or {})


def _i18n_problems(i18n: Any, at: str) -> list[FieldProblem]:
    if i18n is None:
        return []
    if not isinstance(i18n, dict):
        return [_NO_TEXTS.at(at)]
    problems: list[FieldProblem] = []
    for language, texts in i18n.items():
        place = dotted(at, [language])
        if not _LANGUAGE.fullmatch(language):
            problems.append(_NO_LANGUAGE.at(place))
        elif not isinstance(texts, dict):
            problems.append(_NO_KEYS.at(place))
        else:
            problems += [_NO_TEXT.at(dotted(place, [key])) for key, text in texts.items() if not isinstance(text, str)]
    return problems
