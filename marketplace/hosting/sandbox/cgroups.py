"""A share of the processor and of memory for all processes of a plugin together: a control group of its own."""

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from marketplace.hosting.sandbox.cgroup_places import Cgroups

_PERIOD: Final = 100_000
"""Microseconds in which a share is counted."""
_END_SECONDS: Final = 5.0
_LOOK_SECONDS: Final = 0.01
_KILLED: Final = "oom_kill"


@dataclass(frozen=True, slots=True)
class Caps:
    """What all processes of a plugin may take together.

    Attributes:
        cpus: processors, e.g. 0.5.
        memory: bytes.
        processes: with their threads; a limit of its user alone would not bind root.
    """

    cpus: float
    memory: int
    processes: int


@dataclass(frozen=True, slots=True)
class Group:
    """A plugin's group: one folder, or one of each controller."""

    folders: tuple[Path, ...]

    @property
    def entries(self) -> list[str]:
        """The files by which a process enters."""
        return [str(folder / "cgroup.procs") for folder in self.folders]

    def ran_out_of_memory(self) -> bool:
        """Whether the kernel has ended a process of it for that."""
        for folder in self.folders:
            for name in ("memory.events", "memory.oom_control"):
                with contextlib.suppress(OSError):
                    lines = (folder / name).read_text(encoding="ascii").splitlines()
                    if any(line.split()[0] == _KILLED and line.split()[-1] != "0" for line in lines):
                        return True
        return False

    def end(self) -> None:
        """Kills what is left in it, and removes it."""
        for folder in self.folders:
            until = time.monotonic() + _END_SECONDS
            while folder.is_dir() and not _removed(folder) and time.monotonic() < until:
                time.sleep(_LOOK_SECONDS)


def make_group(cgroups: Cgroups, name: str, caps: Caps) -> Group:
    """Raises:
    OSError: the kernel, or who owns the folder, doesn't allow it. Nothing is left.
    """
    places = (cgroups.cpu, cgroups.memory, *([] if cgroups.pids is None else [cgroups.pids]))
    group = Group(tuple(dict.fromkeys(place / name for place in places)))
    try:
        for folder in group.folders:
            folder.mkdir(exist_ok=True)
        _cap(cgroups.version, cgroups.cpu / name, cgroups.memory / name, caps)
        if cgroups.pids is not None:
            _write(cgroups.pids / name / "pids.max", str(caps.processes))
    except OSError:
        group.end()
        raise
    return group


def try_groups(cgroups: Cgroups) -> None:
    """Makes one and removes it; raises as `make_group`."""
    make_group(cgroups, f"trunkline-try-{os.getpid()}", Caps(1, 64 * 1024 * 1024, 8)).end()


def _cap(version: int, cpu: Path, memory: Path, caps: Caps) -> None:
    quota = str(int(caps.cpus * _PERIOD))
    if version == 1:
        _write(cpu / "cpu.cfs_period_us", str(_PERIOD))
        _write(cpu / "cpu.cfs_quota_us", quota)
        _write(memory / "memory.limit_in_bytes", str(caps.memory))
        _write_known(memory / "memory.memsw.limit_in_bytes", str(caps.memory))
        return
    _write(cpu / "cpu.max", f"{quota} {_PERIOD}")
    _write(memory / "memory.max", str(caps.memory))
    _write_known(memory / "memory.swap.max", "0")
    _write_known(memory / "memory.oom.group", "1")


def _write(file: Path, value: str) -> None:
    file.write_text(value, encoding="ascii")


def _write_known(file: Path, value: str) -> None:
    """What not every kernel has."""
    if file.exists():
        with contextlib.suppress(OSError):
            _write(file, value)


def _removed(folder: Path) -> bool:
    try:
        _kill_all(folder / "cgroup.procs")
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:  # who was killed has not ended yet
        return False
    return True


def _kill_all(processes: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        for pid in map(int, processes.read_text(encoding="ascii").split()):
            if pid > 0:  # 0 stands for one that isn't seen from here
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
