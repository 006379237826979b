"""``${path.to[0]["any key"]}`` inside texts, lists and objects: a closed grammar in which nothing can be called.

``reference := "${" name ( "." name | "[" integer "]" | "[" quoted "]" )* "}"``; names are letters, digits, ``_`` and
``-`` and begin with a letter or ``_`` (after a dot also with a digit); ``$${`` stands for a literal ``${``.
A text that is one reference and nothing else gives the value itself; otherwise the parts are joined as text, with
everything that is no text in its JSON form. Inserted values are never read as templates again.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kernel.expressions.errors import ExpressionRefused, ExpressionSyntaxError, UnknownReference
from kernel.expressions.growth import MAX_SIZE, size_of

Path = tuple[str | int, ...]

MAX_DEPTH = 64
MAX_TEXT = 1_000_000
"""Characters of one joined text."""

_ROOT = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_STEP = re.compile(
    r"""\.(?P<name>[A-Za-z0-9_][A-Za-z0-9_-]*)|\[(?:(?P<index>-?\d{1,9})|"(?P<double>(?:[^"\\]|\\["\\])*)"|'(?P<single>(?:[^'\\]|\\['\\])*)')\]"""
)
_UNESCAPE = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Reference:
    """One ``${…}``; ``start`` is its character in the text it stands in."""

    path: Path
    start: int
    text: str


@lru_cache(maxsize=16_384)
def parse(text: str) -> tuple[str | Reference, ...]:
    """The literal parts and references of a text.

    Raises:
        ExpressionSyntaxError: at the first character outside the grammar.
    """
    parts: list[str | Reference] = []
    literal: list[str] = []
    position = 0
    while (dollar := text.find("$", position)) >= 0:
        literal.append(text[position:dollar])
        if text.startswith("$${", dollar):
            literal.append("${")
            position = dollar + 3
        elif text.startswith("${", dollar):
            reference, position = _read_reference(text, dollar)
            if joined := "".join(literal):
                parts.append(joined)
            literal = []
            parts.append(reference)
        else:
            literal.append("$")
            position = dollar + 1
    literal.append(text[position:])
    if joined := "".join(literal):
        parts.append(joined)
    return tuple(parts)


def _read_reference(text: str, start: int) -> tuple[Reference, int]:
    root = _ROOT.match(text, start + 2)
    if root is None:
        raise ExpressionSyntaxError("a name must follow '${'", text=text, position=start + 2)
    path: list[str | int] = [root.group()]
    position = root.end()
    while not text.startswith("}", position):
        step = _STEP.match(text, position)
        if step is None:
            found = f"{text[position]!r}" if position < len(text) else "the end of the text"
            raise ExpressionSyntaxError(
                f"expected '.name', '[index]' or '}}', found {found}", text=text, position=position
            )
        path.append(_step_value(step))
        position = step.end()
    return Reference(tuple(path), start, text[start : position + 1]), position + 1


def _step_value(step: re.Match[str]) -> str | int:
    name, index, double, single = step.group("name", "index", "double", "single")
    if name is not None:
        return str(name)
    if index is not None:
        return int(index)
    return _UNESCAPE.sub(r"\1", double if double is not None else single)


def interpolate(template: Any, values: Mapping[str, Any]) -> Any:
    """``template`` with every reference replaced by its value, inside lists and objects too; object keys stay.

    Raises:
        ExpressionSyntaxError, UnknownReference: with the text and position.
        ExpressionRefused: nested deeper than ``MAX_DEPTH``, a text longer than ``MAX_TEXT``, or ``MAX_SIZE`` in all.
    """
    made = _interpolate(template, values, 0)
    if not isinstance(template, str) and size_of(made) > MAX_SIZE:
        raise ExpressionRefused(f"there would be more than {MAX_SIZE} characters")
    return made


def _interpolate(template: Any, values: Mapping[str, Any], depth: int) -> Any:
    if isinstance(template, str):
        return _interpolate_text(template, values) if "$" in template else template
    if isinstance(template, (dict, list)):
        if depth >= MAX_DEPTH:
            raise ExpressionRefused(f"nested deeper than {MAX_DEPTH} levels")
        if isinstance(template, dict):
            return {key: _interpolate(value, values, depth + 1) for key, value in template.items()}
        return [_interpolate(value, values, depth + 1) for value in template]
    return template


def _interpolate_text(text: str, values: Mapping[str, Any]) -> Any:
    parts = parse(text)
    if len(parts) == 1 and isinstance(parts[0], Reference):
        return lookup(parts[0], values, text)
    joined = "".join(part if isinstance(part, str) else as_text(lookup(part, values, text)) for part in parts)
    if len(joined) > MAX_TEXT:
        raise ExpressionRefused(f"the text would be longer than {MAX_TEXT} characters", text=text)
    return joined


def lookup(reference: Reference, values: Mapping[str, Any], text: str) -> Any:
    """What a reference stands for.

    Raises:
        UnknownReference: naming the part of the path that leads nowhere.
    """
    current: Any = values
    for taken, step in enumerate(reference.path):
        try:
            if _fits(step, current):
                current = current[step]
                continue
        except (KeyError, IndexError):
            pass
        problem = f"{render_path(reference.path)} has no value: {_missing(current, reference.path, taken)}"
        raise UnknownReference(problem, text=text, position=reference.start)
    return current


def _fits(step: str | int, value: Any) -> bool:
    if isinstance(step, str):
        return isinstance(value, Mapping)
    return isinstance(value, (list, tuple))


def _missing(current: Any, path: Path, taken: int) -> str:
    where = render_path(path[:taken]) if taken else "the context"
    step = path[taken]
    if isinstance(current, Mapping):
        return f"{where} has no {step!r}"
    if isinstance(current, (list, tuple)):
        return f"{where} is a list of {len(current)}, without {step!r}"
    return f"{where} is {'null' if current is None else 'no object or list'}"


def as_text(value: Any) -> str:
    """A text as it is, everything else in JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def render_path(path: Path) -> str:
    """A path as it is written inside ``${…}``."""
    rendered = str(path[0]) if path else ""
    for step in path[1:]:
        if isinstance(step, int):
            rendered += f"[{step}]"
        elif re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]*", step):
            rendered += f".{step}"
        else:
            escaped = step.replace("\\", "\\\\").replace('"', '\\"')
            rendered += f'["{escaped}"]'
    return rendered


def references(template: Any) -> frozenset[Path]:
    """Every path a template refers to.

    Raises:
        ExpressionSyntaxError: where a text is outside the grammar.
    """
    return frozenset(part.path for _, text in texts(template) for part in parse(text) if isinstance(part, Reference))


def texts(template: Any, field: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a template that may hold references, with the dotted place it stands in."""
    if isinstance(template, str):
        if "$" in template:
            yield field, template
    elif isinstance(template, dict):
        for key, value in template.items():
            yield from texts(value, f"{field}.{key}" if field else str(key))
    elif isinstance(template, list):
        for index, value in enumerate(template):
            yield from texts(value, f"{field}[{index}]")
