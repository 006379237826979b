"""Who is to receive: names and addresses as callers write them (reference: cmsi components)."""

import re
from collections.abc import Iterable
from typing import Any, Final

MAX_RECEIVERS: Final = 200
LONGEST: Final = 320
_SEPARATORS = re.compile(r"[,;\s]+")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_MAIL_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9][A-Za-z0-9-]*)*")


def split_receivers(value: Any) -> Any:
    """A JSON list as it is; a text split on commas, semicolons and white space. Each once, in order."""
    parts = _SEPARATORS.split(value) if isinstance(value, str) else value
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        return value
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def is_mail_address(text: str) -> bool:
    return len(text) <= LONGEST and _MAIL_ADDRESS.fullmatch(text) is not None


def named(receivers: Iterable[str], most: int = 5) -> str:
    """Receivers for a sentence."""
    listed = list(receivers)
    return ", ".join(listed[:most]) + (f" and {len(listed) - most} more" if len(listed) > most else "")
