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


def usage_of(pid: int, stats: Processes, suspicious: int = 0) -> Usage:
    """Of a process and all that descend from it; in a PID namespace nothing escapes its first process.

    Args:
        suspicious: bytes. Memory that processes share is counted for each of them; only where that comes to more, it is
            looked at more closely, which takes longer.
    """
    children: dict[int, list[int]] = {}
    for number, stat in stats.items():
        children.setdefault(int(stat[_PARENT]), []).append(number)
    waiting, memory, ticks, counted = [pid], 0, 0, list[int]()
    while waiting:
        number = waiting.pop()
        waiting += children.get(number, ())
        found = stats.get(number)
        if found is None or found[_STATE] in "ZX":
            continue
        memory += int(found[_PAGES]) * _PAGE
        ticks += int(found[_USER_TICKS]) + int(found[_SYSTEM_TICKS])
        counted.append(number)
    if memory > suspicious > 0:
        memory = sum(_own_share(number, int(stats[number][_PAGES]) * _PAGE) for number in counted)
    return Usage(memory, ticks / _TICKS, len(counted))


def _own_share(pid: int, otherwise: int) -> int:
    """Bytes in memory, of what is shared a share."""
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text(encoding="ascii").splitlines()
    except (FileNotFoundError, ProcessLookupError):  # it has ended since
        return 0
    except OSError:
        return otherwise
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), otherwise)


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
