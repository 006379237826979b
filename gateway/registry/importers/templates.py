"""`settings.NAME` and `environ.NAME` in BlueKing's definition files, filled in without a template engine.

A value is put into the document after it was read, never into its text: it can't become structure.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from gateway.registry.importers.openapi import BOUNDS
from kernel.forms.bounds import bound_problem
from kernel.yaml_text import LONGEST, Unreadable, read_yaml

_VARIABLE = re.compile(r"\{\{\s*(settings|environ)\.([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
_TAG = re.compile(r"\{%|\{#|\{\{")
_MAX_SHOWN = 60


def read_template(text: str, variables: Mapping[str, str]) -> Any:
    """The YAML document in `text`.

    Args:
        variables: `settings.NAME` or `environ.NAME` → value.

    Raises:
        Unreadable: not YAML, too large, a variable without a value, or more of a template than variables.
    """
    missing = sorted({f"{found[1]}.{found[2]}" for found in _VARIABLE.finditer(text)} - variables.keys())
    if missing:
        raise Unreadable(f"needs a value for {missing[0]}; send it among the variables")
    mark = f"v{secrets.token_hex(8)}v"
    names: list[str] = []

    def placeholder(found: re.Match[str]) -> str:
        names.append(f"{found[1]}.{found[2]}")
        return f"{mark}{len(names) - 1}v"

    plain = _VARIABLE.sub(placeholder, text)
    tag = _TAG.search(plain)
    if tag is not None:
        shown = plain[tag.start() : tag.start() + _MAX_SHOWN].splitlines()[0]
        raise Unreadable(f"holds more of a template than variables: {shown}; render it first")
    document = read_yaml(plain)
    if not names:
        return document
    past = bound_problem(document, BOUNDS, "")
    if past is not None:
        raise Unreadable(past.problem)
    values = [variables[name] for name in names]
    if sum(map(len, values)) > LONGEST:
        raise Unreadable(f"is longer than {LONGEST} characters with its variables filled in")
    pattern = re.compile(rf"{mark}(\d+)v")
    return _filled(document, lambda name: pattern.sub(lambda found: values[int(found[1])], name))


def _filled(document: Any, fill: Callable[[str], str]) -> Any:
    """What aliases share stays shared: nothing is filled twice, and nothing unfolds."""
    texts: dict[str, str] = {}
    parts: dict[int, Any] = {}

    def text(given: str) -> str:
        if given not in texts:
            texts[given] = fill(given)
        return texts[given]

    def visit(value: Any) -> Any:
        if isinstance(value, str):
            return text(value)
        if not isinstance(value, list | dict):
            return value
        if id(value) not in parts:
            parts[id(value)] = (
                [visit(item) for item in value]
                if isinstance(value, list)
                else {text(name): visit(item) for name, item in value.items()}
            )
        return parts[id(value)]

    return visit(document)
