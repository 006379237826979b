"""Where this server may make control groups: cgroups(7), both versions of them."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_NEEDED: Final = ("cpu", "memory")
_WELCOME: Final = "pids"
_SERVER: Final = "trunkline-server"
"""With version 2 a group that hands controllers down holds no processes: the server's own move in here."""
_MOVES: Final = 10
_DELEGATED: Final = ("user.delegate", "trusted.delegate")
"""How systemd marks a group that it leaves to its service (`Delegate=yes`)."""


class NoCgroups(Exception):
    """No groups can be made here; the message says why."""


@dataclass(frozen=True, slots=True)
class Cgroups:
    """Attributes:
    version: of the kernel's interface, 1 or 2.
    cpu, memory: folders in which groups are made; with version 2 one and the same.
    pids: the one in which processes are counted, if they can be.
    """

    version: int
    cpu: Path
    memory: Path
    pids: Path | None = None


@dataclass(frozen=True, slots=True)
class _Mount:
    """A mounted hierarchy, and which part of it is seen there."""

    place: Path
    root: str
    version: int
    options: frozenset[str]


def cgroup_places(machine: Path = Path("/")) -> Cgroups:
    """What looks usable; only making a group tells whether it is.

    Args:
        machine: its root folder.

    Raises:
        NoCgroups: see there.
    """
    own = machine / "proc/self"
    try:
        mounts = list(_mounts((own / "mountinfo").read_text(encoding="utf-8"), machine))
        groups = dict(_groups((own / "cgroup").read_text(encoding="utf-8")))
        return _first(mounts, groups) if set(_NEEDED) <= groups.keys() else _second(mounts, groups)
    except OSError as error:
        raise NoCgroups(f"groups can't be looked at: {error}") from error


def _first(mounts: list[_Mount], groups: dict[str, str]) -> Cgroups:
    found = {
        name: _own(mount, groups[name])
        for name in (*_NEEDED, _WELCOME)
        for mount in mounts
        if mount.version == 1 and name in mount.options and name in groups
    }
    missing = [name for name in _NEEDED if name not in found]
    if missing:
        raise NoCgroups(f"no group of {' and '.join(missing)} is mounted")
    return Cgroups(1, found["cpu"], found["memory"], found.get(_WELCOME))


def _second(mounts: list[_Mount], groups: dict[str, str]) -> Cgroups:
    mount = next((mount for mount in mounts if mount.version != 1), None)
    if mount is None or "" not in groups:
        raise NoCgroups("no control groups are mounted")
    base = _delegated(mount, _own(mount, groups[""]))
    given = (base / "cgroup.controllers").read_text(encoding="ascii").split()
    missing = [name for name in _NEEDED if name not in given]
    if missing:
        raise NoCgroups(f"{base} is given no {' and '.join(missing)}")
    wanted = [name for name in (*_NEEDED, _WELCOME) if name in given]
    _hand_down(base, wanted)
    return Cgroups(2, base, base, base if _WELCOME in wanted else None)


def _delegated(mount: _Mount, own: Path) -> Path:
    """The group that is this server's to divide: marked so, or all that its container or machine has."""
    for base in (own, own.parent):
        if any(_attribute(base, name) == b"1" for name in _DELEGATED):
            return base
    if own == mount.place:
        return own
    if own == mount.place / _SERVER:
        return mount.place
    raise NoCgroups(f"{own} is not left to this server (`Delegate=yes` of its systemd unit does so)")


def _hand_down(base: Path, wanted: Sequence[str]) -> None:
    control = base / "cgroup.subtree_control"
    if set(wanted) <= set(control.read_text(encoding="ascii").split()):
        return
    if (base / "cgroup.type").exists():  # not so at the machine's root, which may hold processes
        _move_processes(base)
    control.write_text(" ".join(f"+{name}" for name in wanted), encoding="ascii")


def _move_processes(base: Path) -> None:
    leaf = base / _SERVER
    leaf.mkdir(exist_ok=True)
    for _ in range(_MOVES):
        pids = (base / "cgroup.procs").read_text(encoding="ascii").split()
        if not pids:
            return
        for pid in pids:
            try:
                (leaf / "cgroup.procs").write_text(pid, encoding="ascii")
            except ProcessLookupError:  # it has ended since
                continue


def _attribute(place: Path, name: str) -> bytes:
    try:
        return os.getxattr(place, name)
    except OSError:
        return b""


def _own(mount: _Mount, group: str) -> Path:
    """The folder of a group; of one that isn't seen here, the topmost that is."""
    if not group.startswith(mount.root):
        return mount.place
    return mount.place / group.removeprefix(mount.root).lstrip("/")


def _mounts(text: str, machine: Path) -> Iterator[_Mount]:
    """Of proc(5)'s mountinfo, those that are control groups."""
    for line in text.splitlines():
        where, _, what = line.partition(" - ")
        kind, _, options = what.split(" ", 2) if what.count(" ") > 1 else ("", "", "")
        if kind in {"cgroup", "cgroup2"}:
            root, place = where.split()[3:5]
            version = 1 if kind == "cgroup" else 2
            yield _Mount(machine / place.lstrip("/"), root, version, frozenset(options.split(",")))


def _groups(text: str) -> Iterator[tuple[str, str]]:
    """This process's group by controller; that of version 2 by the empty text."""
    for line in text.splitlines():
        _, controllers, group = line.split(":", 2)
        for controller in controllers.split(","):
            yield controller, group
