"""Identifiers of stored things."""

import os
import re
import time

_FORM = re.compile(r"[0-9a-f]{32}")


def new_id() -> str:
    """A new UUIDv7 (RFC 9562 §5.7) as 32 hex digits: those of a process sort as they were made, since the bits after
    the milliseconds count their parts (§6.2, method 3).
    """
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    random = int.from_bytes(os.urandom(8))
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80
    value |= 0x7 << 76
    value |= (nanoseconds << 12) // 1_000_000 << 64
    value |= 0b10 << 62
    value |= random & 0x3FFF_FFFF_FFFF_FFFF
    return f"{value:032x}"


def is_id(text: str) -> bool:
    """Whether `text` has the form of an id; what hasn't needs no look into the database."""
    return _FORM.fullmatch(text) is not None
