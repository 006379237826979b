"""Processes of an earlier life that outlived the server that was killed. In a namespace of their own none can."""

import contextlib
import os
import signal
from pathlib import Path
from typing import Final

from kernel.machine import ProcessIdentity, process_identity

_PROC: Final = Path("/proc")
_SESSION: Final = 3


def remember(file: Path, pid: int) -> None:
    """Keeps which process was started."""
    file.write_text(str(process_identity(pid)), encoding="ascii")


def end_leftovers(file: Path) -> int:
    """Kills what is left of the process that was remembered and of its session; answers how many."""
    try:
        leader = ProcessIdentity.parse(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0
    if process_identity(leader.pid).started not in (0, leader.started):
        return 0  # another process has its number now: then no session of that number is left
    ended = 0
    for pid in _in_session(leader.pid):
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
            ended += 1
    file.unlink(missing_ok=True)
    return ended


def _in_session(session: int) -> list[int]:
    found = []
    for place in _PROC.iterdir():
        if not place.name.isdecimal():
            continue
        with contextlib.suppress(OSError):
            stat = (place / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
            if int(stat[_SESSION]) == session and stat[0] not in "ZX":
                found.append(int(place.name))
    return found
