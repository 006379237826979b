"""Do values fit a converted form? The shape by the model, here; the form's own rules in the sandbox."""

import re
from collections.abc import Mapping
from typing import Any, Final

from kernel.errors import FieldProblem
from kernel.forms.data import validate_data
from kernel.forms.pointers import pointer
from marketplace.legacy_forms import wordings

_VARIABLE: Final = re.compile(r"\$\{[^{}]+\}")
_RULES: Final = ("required", "pattern")  # said by the form's own rules, which know what is hidden
_MAX_PROBLEMS: Final = 50


def shape_problems(schema: Mapping[str, Any], values: Mapping[str, Any]) -> list[FieldProblem]:
    """Values of the wrong type, outside of a range, or none of the choices.

    A value that is exactly `${name}` stands for one that is known later, and an empty text for none.
    """
    return validate_data(_shape(schema), _given(values))


def rule_problems(answer: Any) -> list[FieldProblem]:
    """The problems in what the sandbox answered to `check`; the form may have answered itself."""
    found = answer if isinstance(answer, list) else []
    problems = [
        FieldProblem(pointer(str(step) for step in one["path"]), str(one.get("problem"))[:500])
        for one in found[:_MAX_PROBLEMS]
        if isinstance(one, dict) and isinstance(one.get("path"), list)
    ]
    if not isinstance(answer, list) or len(problems) < len(found[:_MAX_PROBLEMS]):
        problems.append(wordings.NO_PROBLEMS.at(""))
    return problems


def _shape(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_shape(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: part for name, part in schema.items() if name not in _RULES}
    for name in ("items", "oneOf"):
        if name in kept:
            kept[name] = _shape(kept[name])
    properties = kept.get("properties")
    if isinstance(properties, dict):
        kept["properties"] = {name: _shape(part) for name, part in properties.items()}
    return kept


def _given(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _given(one) for name, one in value.items() if not _is_open(one)}
    return [_given(one) for one in value if not _is_open(one)] if isinstance(value, list) else value


def _is_open(value: Any) -> bool:
    return isinstance(value, str) and (value == "" or _VARIABLE.fullmatch(value) is not None)
