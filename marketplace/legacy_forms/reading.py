"""A form.js from its text to its conversion, and values against it: the sandbox and the pure parts put together."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from kernel.errors import FieldProblem
from marketplace.legacy_forms import wordings
from marketplace.legacy_forms.conversion import Conversion
from marketplace.legacy_forms.convert import Texts, converted
from marketplace.legacy_forms.errors import FormRefused
from marketplace.legacy_forms.evaluated import read_evaluated
from marketplace.legacy_forms.sandbox.pool import Sandbox
from marketplace.legacy_forms.values import rule_problems, shape_problems

MAX_SOURCE: Final = 256 * 1024
"""Characters of one form.js."""


async def read_form_script(
    sandbox: Sandbox, source: str, code: str | None = None, texts: Texts | None = None
) -> Conversion:
    """What a form.js becomes.

    Args:
        code: which of its forms; by default the first that isn't the form of outputs.
        texts: translations by language of what it gives to gettext.

    Raises:
        FormRefused: it is too long, can't be evaluated or is no form.
    """
    require_readable(source)
    return converted(read_evaluated(await sandbox.ask(source, "describe"), code), texts)


async def form_value_problems(
    sandbox: Sandbox,
    source: str,
    code: str,
    schema: Mapping[str, Any],
    values: Mapping[str, Any],
    *,
    context: Mapping[str, Any] | None = None,
    hooked: Sequence[str] = (),
) -> list[FieldProblem]:
    """What is wrong with values, each at its JSON pointer; empty when they fit.

    Args:
        code: the name the form registered itself under.
        schema: of its model.
        context: what `$.context` knows, e.g. `{"project": {"id": 1, "bk_biz_id": 2}}`.
        hooked: dotted paths of fields that are bound to a variable; nothing is asked of them.

    Raises:
        FormRefused: the form's own rules can't be evaluated.
    """
    problems = shape_problems(schema, values)
    if problems:
        return problems
    arguments = [code, dict(values), list(hooked)]
    return rule_problems(await sandbox.ask(source, "check", arguments, context))


def require_readable(source: str) -> None:
    """Raises:
    FormRefused: it is too long, or holds what no script does.
    """
    if len(source) > MAX_SOURCE:
        raise FormRefused([wordings.LONG.at("source", limit=MAX_SOURCE)])
    if "\x00" in source:
        raise FormRefused([wordings.NUL.at("source")])
