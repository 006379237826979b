"""Texts and expressions with another name in the paths they read; all else in them stays as it was written."""

import re
from typing import Any, Final

from kernel.expressions.conditions import compile_condition
from kernel.expressions.errors import ExpressionRefused
from kernel.expressions.interpolation import Reference, parse
from kernel.expressions.tokens import Token

_STEP: Final = re.compile(r"""\.[A-Za-z0-9_][A-Za-z0-9_-]*|\["(?:[^"\\]|\\.)*"\]|\['(?:[^'\\]|\\.)*'\]""")


def renamed_in_template(template: Any, root: str, before: str, after: str) -> Any:
    """A template in which `${root.before…}` is `${root.after…}`, inside lists and objects too; object keys stay.

    Args:
        after: a name of letters, digits and `_`.

    Raises:
        ExpressionSyntaxError: where a text is outside the grammar.
    """
    if isinstance(template, str):
        return _in_text(template, root, before, after)
    if isinstance(template, dict):
        return {name: renamed_in_template(value, root, before, after) for name, value in template.items()}
    if isinstance(template, list):
        return [renamed_in_template(value, root, before, after) for value in template]
    return template


def _in_text(text: str, root: str, before: str, after: str) -> str:
    found = [part for part in parse(text) if isinstance(part, Reference) and part.path[:2] == (root, before)]
    for reference in reversed(found):
        step = _STEP.match(text, reference.start + len(f"${{{root}"))
        if step is not None:
            text = f"{text[: step.start()]}.{after}{text[step.end() :]}"
    return text


def renamed_in_expression(source: str, root: str, before: str, after: str) -> str:
    """An expression in which `root.before` and `root["before"]` are `root.after`.

    Raises:
        ExpressionSyntaxError: it can't be read.
        ExpressionRefused: it reads `root` in a way that may mean any name, or binds that name itself.
    """
    condition = compile_condition(source)
    if root in condition.macro_names:
        raise ExpressionRefused(f"gives the name {root} to something else", text=source)
    if (root,) in condition.paths:
        raise ExpressionRefused(f"takes {root} as a whole, or by a name that is worked out", text=source)
    for start, end in reversed(_steps(condition.tokens, root, before)):
        source = f"{source[:start]}.{after}{source[end:]}"
    return source


def _steps(tokens: tuple[Token, ...], root: str, name: str) -> list[tuple[int, int]]:
    """Where the step from the root to a name stands, from its dot or bracket on."""
    found = []
    for index, token in enumerate(tokens):
        if token.text != root or token.kind != "name" or (index and tokens[index - 1].text == "."):
            continue
        first, *rest = tokens[index + 1 : index + 4] or (token,)
        if first.text == "." and rest and rest[0].text == name:
            found.append((first.start, rest[0].start + len(name)))
        elif first.text == "[" and rest and rest[0].kind == "text" and rest[0].text[1:-1] == name:
            found.append((first.start, rest[1].start + 1))
    return found
