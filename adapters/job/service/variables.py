"""What a script tells a flow: values written into its log.

`<SOPS_VAR>key:value</SOPS_VAR>` anywhere (BlueKing Standard OPS), and the members of a JSON object that is the last
line.
A value that is a JSON number becomes a number, so that a flow can compare it; every other `SOPS_VAR` value stays text.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from kernel.forms.bounds import Bounds, bound_problem

MAX_VARIABLES = 200
MAX_VALUE = 10_000
_LARGEST = 2**63 - 1
_OPEN, _CLOSE = "<SOPS_VAR>", "</SOPS_VAR>"
_NAME = re.compile(r"[^:<>\s]{1,128}")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,18})(?:\.\d{1,30})?(?:[eE][+-]?\d{1,3})?")
_LINE_BOUNDS = Bounds(depth=20, values=1_000, characters=MAX_VALUE)


def variables_of(log: str) -> dict[str, Any]:
    """The variables of a log, a later one of the same name in place of an earlier."""
    found = {name: _typed(value[:MAX_VALUE]) for name, value in _tagged(log)}
    found.update(_last_line(log))
    return dict(list(found.items())[:MAX_VARIABLES])


def _tagged(log: str) -> Iterator[tuple[str, str]]:
    # No regular expression over the whole log: one with many openings and no end would take it quadratic time.
    position = 0
    while (start := log.find(_OPEN, position)) >= 0 and (end := log.find(_CLOSE, start)) >= 0:
        name, colon, value = log[log.rfind(_OPEN, start, end) + len(_OPEN) : end].partition(":")
        if colon and _NAME.fullmatch(name):
            yield name, value
        position = end + len(_CLOSE)


def _typed(text: str) -> Any:
    stripped = text.strip()
    if not _NUMBER.fullmatch(stripped):
        return text
    if re.fullmatch(r"-?\d+", stripped):
        number = int(stripped)
        return number if -_LARGEST <= number <= _LARGEST else text
    value = float(stripped)
    return value if math.isfinite(value) else text


def _last_line(log: str) -> dict[str, Any]:
    line = log.rstrip().rpartition("\n")[2].strip()
    if not line.startswith("{") or len(line) > MAX_VALUE:
        return {}
    try:
        value = json.loads(line, parse_int=_whole, parse_float=_finite, parse_constant=str)
    except (ValueError, RecursionError):
        return {}
    # The values are kept in the database and go to a flow: both have their bounds.
    return value if isinstance(value, dict) and bound_problem(value, _LINE_BOUNDS, "") is None else {}


def _whole(text: str) -> int | str:
    return _typed(text) if len(text) < 20 else text  # noqa: PLR2004  longer than any 64-bit number


def _finite(text: str) -> float | str:
    value = float(text)
    return value if math.isfinite(value) else text
