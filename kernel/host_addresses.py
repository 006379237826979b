"""Addresses of hosts as people write them, many in one text."""

import re

_BETWEEN = re.compile(r"[\s,;]+")
_IN_CLOUD_AREA = re.compile(r"(\d{1,10}):(\d+\.\d+\.\d+\.\d+)")


def split_addresses(text: str) -> list[tuple[int, str]]:
    """(Cloud area, address) of each part; ``3:10.0.0.1`` is in area 3, what names none in area 0.

    Whether an address is one is not looked at.
    """
    parts = [(part, _IN_CLOUD_AREA.fullmatch(part)) for part in _BETWEEN.split(text) if part]
    return [(int(found[1]), found[2]) if found else (0, part) for part, found in parts]
