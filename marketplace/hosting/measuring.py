"""How much memory and processor time the processes of a plugin take: proc(5)."""

import os
import resource
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_PAGE: Final = resource.getpagesize()
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_STATE, _PARENT, _USER_TICKS, _SYSTEM_TICKS, _PAGES = 0, 1, 11, 12, 21


@dataclass(frozen=True, slots=True)
class Usage:
    """Attributes:
    memory: bytes in memory, of all its processes.
    cpu_seconds: of those that live.
    """

    memory: int
    cpu_seconds: float
    processes: int


Processes = dict[int, list[str]]
"""The fields of proc(5)'s stat behind the command, by process."""


def all_processes() -> Processes:
    """Those of this machine, as they are now."""
    return {int(place.name): stat for place in _PROC.iterdir() if place.name.isdecimal() and (stat := _stat(place))}


def usage_of(pid: int, stats: Processes) -> Usage:
    """Of a process and all that descend from it; in a PID namespace nothing escapes its first process."""
    children: dict[int, list[int]] = {}
    for number, stat in stats.items():
        children.setdefault(int(stat[_PARENT]), []).append(number)
    waiting, memory, ticks, count = [pid], 0, 0, 0
    while waiting:
        number = waiting.pop()
        waiting += children.get(number, ())
        found = stats.get(number)
        if found is None or found[_STATE] in "ZX":
            continue
        memory += int(found[_PAGES]) * _PAGE
        ticks += int(found[_USER_TICKS]) + int(found[_SYSTEM_TICKS])
        count += 1
    return Usage(memory, ticks / _TICKS, count)


def _stat(place: Path) -> list[str] | None:
    try:
        text = (place / "stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()


def folder_size(folder: Path) -> int:
    """Bytes of all files below."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118  walked often
            except OSError:
                continue
    return total
