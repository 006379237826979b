"""What a server that was killed has left behind: control groups, and processes, which can't outlive a namespace."""

import contextlib
import fcntl
import os
import signal
from pathlib import Path
from typing import Final

from kernel.machine import ProcessIdentity, process_identity
from marketplace.hosting.sandbox.cgroups import Group

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


def remember_group(file: Path, group: Group) -> None:
    """Keeps which group was made."""
    file.write_text("\n".join(map(str, group.folders)), encoding="utf-8")


def end_group(file: Path) -> None:
    """Kills what is left in the group that was remembered, and removes it."""
    with contextlib.suppress(FileNotFoundError):
        Group(tuple(map(Path, file.read_text(encoding="utf-8").splitlines()))).end()
        file.unlink()


def end_groups_of_nobody(base: Path) -> None:
    """Those of plugins that no process of this server runs."""
    for file in base.glob("*/groups"):
        with (file.parent / "lock").open("a") as lock, contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            end_group(file)


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
