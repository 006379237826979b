"""Facts of the machine this process stands on."""

import ipaddress
import os
import platform
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_PROBE = ("192.0.2.1", 9)
"""An address of the documentation range (RFC 5737): choosing a route to it sends nothing."""


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """Attributes:
    addresses: the machine's own IPv4 addresses, the one other machines would use first.
    memory_mb: MiB. disk_gb: GiB of the root file system.
    """

    hostname: str
    addresses: tuple[str, ...]
    os_type: str
    os_name: str
    os_version: str
    architecture: str
    cpu_count: int
    memory_mb: int
    disk_gb: int


def machine_facts() -> MachineFacts:
    release = _os_release()
    return MachineFacts(
        hostname=socket.gethostname(),
        addresses=own_addresses(),
        os_type=platform.system().lower(),
        os_name=release.get("NAME", platform.system()),
        os_version=release.get("VERSION_ID", platform.release()),
        architecture=platform.machine(),
        cpu_count=os.cpu_count() or 1,
        memory_mb=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        disk_gb=shutil.disk_usage("/").total // 2**30,
    )


def own_addresses() -> tuple[str, ...]:
    """The outward IPv4 address first, then those of the host name; only loopback when there is no network."""
    found: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_PROBE)
            found.append(probe.getsockname()[0])
        except OSError:
            pass
    try:
        infos = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET, socket.SOCK_STREAM)
        found.extend(str(info[4][0]) for info in infos)
    except OSError:
        pass
    own = [address for address in dict.fromkeys(found) if is_own_address(address)]
    outward = [address for address in own if not ipaddress.ip_address(address).is_loopback]
    return tuple(outward or own or ["127.0.0.1"])


def is_own_address(address: str) -> bool:
    """Whether this machine has the address: only then can a socket be bound to it."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if parsed.is_unspecified or parsed.is_multicast:
        return False
    family = socket.AF_INET if parsed.version == 4 else socket.AF_INET6  # noqa: PLR2004  the protocol's number
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """A process that can be told from a later one with the same number.

    Attributes:
        started: clock ticks since boot; 0 where the system doesn't say.
    """

    host: str
    pid: int
    started: int

    def __str__(self) -> str:
        return f"{self.host}/{self.pid}/{self.started}"

    @classmethod
    def parse(cls, text: str) -> "ProcessIdentity":
        host, pid, started = text.rsplit("/", 2)
        return cls(host, int(pid), int(started))


def this_process() -> ProcessIdentity:
    return process_identity(os.getpid())


def process_identity(pid: int) -> ProcessIdentity:
    """Of a process on this machine; one that has ended has begun at 0."""
    return ProcessIdentity(socket.gethostname(), pid, _started(pid) or 0)


def is_gone(identity: ProcessIdentity) -> bool:
    """Whether the process has certainly ended. False for one on another machine: nothing is known of it."""
    if identity.host != socket.gethostname():
        return False
    if (_PROC / "self").exists():
        return _started(identity.pid) != identity.started
    try:
        os.kill(identity.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _started(pid: int) -> int | None:
    """Field 22 of /proc/<pid>/stat (proc(5)); none for a process that has ended, reaped or not."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in {"Z", "X"} else int(fields[19])


def _os_release() -> dict[str, str]:
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}
