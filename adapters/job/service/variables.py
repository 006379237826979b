"""What a script tells a flow: values written into its log.

`<SOPS_VAR>key:value</SOPS_VAR>` anywhere (BlueKing Standard OPS), and the members of a JSON object that is the last
line.
A value that is a JSON number becomes a number, so that a flow can compare it; every other `SOPS_VAR` value stays text.
"""

import json
import math
import re
from typing import Any

MAX_VARIABLES = 200
MAX_VALUE = 10_000
_LARGEST = 2**63 - 1
_TAGGED = re.compile(r"<SOPS_VAR>([^:<>\s]{1,128}):(.*?)</SOPS_VAR>", re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,18})(?:\.\d{1,30})?(?:[eE][+-]?\d{1,3})?")


def variables_of(log: str) -> dict[str, Any]:
    """The variables of a log, a later one of the same name in place of an earlier."""
    found: dict[str, Any] = {}
    for match in _TAGGED.finditer(log):
        found[match.group(1)] = _typed(match.group(2)[:MAX_VALUE])
    found.update(_last_line(log))
    return dict(list(found.items())[:MAX_VARIABLES])


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
    return value if isinstance(value, dict) else {}


def _whole(text: str) -> int | str:
    return _typed(text) if len(text) < 20 else text  # noqa: PLR2004  longer than any 64-bit number


def _finite(text: str) -> float | str:
    value = float(text)
    return value if math.isfinite(value) else text
