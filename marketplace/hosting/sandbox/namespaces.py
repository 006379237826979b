"""A root, processes and a network of a plugin's own: namespaces(7)."""

import fcntl
import os
import socket
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from marketplace.hosting.sandbox.spec import Bind
from marketplace.hosting.sandbox.system_calls import (
    CLONE_NEWCGROUP,
    CLONE_NEWIPC,
    CLONE_NEWNET,
    CLONE_NEWNS,
    CLONE_NEWPID,
    CLONE_NEWUSER,
    CLONE_NEWUTS,
    MS_BIND,
    MS_NODEV,
    MS_NOEXEC,
    MS_NOSUID,
    MS_PRIVATE,
    MS_RDONLY,
    MS_REC,
    MS_REMOUNT,
    mount,
    pivot_root,
    unshare,
)

_ALL: Final = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP
_SIOCSIFFLAGS: Final = 0x8914
_IFF_UP: Final = 0x1
_MS_NOATIME: Final = 0x400
_MS_NODIRATIME: Final = 0x800
_MS_RELATIME: Final = 0x20_0000
_KEPT: Final = {
    os.ST_NOSUID: MS_NOSUID,
    os.ST_NODEV: MS_NODEV,
    os.ST_NOEXEC: MS_NOEXEC,
    os.ST_NOATIME: _MS_NOATIME,
    os.ST_NODIRATIME: _MS_NODIRATIME,
    os.ST_RELATIME: _MS_RELATIME,
}
"""Flags of a mount that may not be lost when it is mounted again by somebody who has no right to."""


def enter_namespaces() -> None:
    """Leaves the machine's namespaces; processes that are started from now on are in a PID namespace of their own.

    Raises:
        OSError: the kernel, or what confines this process, doesn't allow it.
    """
    user, group = os.geteuid(), os.getegid()
    if user == 0:
        unshare(_ALL)
        return
    unshare(CLONE_NEWUSER | _ALL)
    own = Path("/proc/self")
    (own / "setgroups").write_text("deny", encoding="ascii")
    (own / "uid_map").write_text(f"{user} {user} 1", encoding="ascii")
    (own / "gid_map").write_text(f"{group} {group} 1", encoding="ascii")


def raise_loopback() -> None:
    """A new network has a loopback, which is down, and nothing else."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", _IFF_UP))


def change_root(root: str, binds: Iterable[Bind], links: Mapping[str, str]) -> None:
    """Makes a root of nothing but these, and this process's."""
    mount("", "/", flags=MS_REC | MS_PRIVATE)
    mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m")
    for bind in binds:
        _bind(bind, Path(root + bind.target))
    for place, target in links.items():
        link = Path(root + place)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(target)
    for name, size in (("/tmp", "64m"), ("/dev/shm", "16m")):  # noqa: S108  the plugin's own, made here
        folder = Path(root + name)
        folder.mkdir(parents=True, exist_ok=True)
        mount("tmpfs", str(folder), "tmpfs", MS_NOSUID | MS_NODEV, f"mode=1777,size={size}")
    _mount_processes(Path(root + "/proc"))
    pivot_root(root)
    mount("", "/", flags=MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV)


def _bind(bind: Bind, target: Path) -> None:
    if Path(bind.source).is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    mount(bind.source, str(target), flags=MS_BIND | MS_REC)
    has = os.statvfs(target).f_flag
    kept = sum(flag for told, flag in _KEPT.items() if has & told)
    flags = kept | MS_NOSUID | (0 if bind.device else MS_NODEV) | (0 if bind.writable else MS_RDONLY)
    mount("", str(target), flags=MS_REMOUNT | MS_BIND | flags)


def _mount_processes(place: Path) -> None:
    """Where parts of /proc are hidden, as in containers, nobody may mount another: then there is none."""
    place.mkdir()
    try:
        mount("proc", str(place), "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    except PermissionError:
        place.rmdir()
