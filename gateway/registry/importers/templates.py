"""`settings.NAME` and `environ.NAME` in BlueKing's definition files, filled in without a template engine.

A value is put into the document after it was read, never into its text: it can't become structure.
"""

import re
import secrets
from collections.abc import Mapping
from typing import Any

from gateway.registry.importers.yaml_text import Unreadable, read_yaml

_VARIABLE = re.compile(r"\{\{\s*(settings|environ)\.([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
_TAG = re.compile(r"\{%|\{#|\{\{")
_MAX_SHOWN = 60


def read_template(text: str, variables: Mapping[str, str]) -> Any:
    """The YAML document in `text`.

    Args:
        variables: `settings.NAME` or `environ.NAME` → value.

    Raises:
        Unreadable: not YAML, a variable without a value, or more of a template than variables.
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
    pattern = re.compile(rf"{mark}(\d+)v")
    return _filled(document, pattern, [variables[name] for name in names]) if names else document


def _filled(value: Any, pattern: re.Pattern[str], values: list[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(lambda found: values[int(found[1])], value)
    if isinstance(value, list):
        return [_filled(item, pattern, values) for item in value]
    if isinstance(value, dict):
        return {_filled(name, pattern, values): _filled(item, pattern, values) for name, item in value.items()}
    return value
