"""What a plugin finds of the machine, and where."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from marketplace.hosting.environment.folders import HostedFolder
from marketplace.hosting.sandbox.spec import Bind

CODE: Final = "/plugin/code"
VENV: Final = "/plugin/venv"
DATA: Final = "/plugin/data"
KIT: Final = "/plugin/kit"

_SYSTEM: Final = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SETTINGS: Final = (
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/group",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/pki",
    "/etc/ssl",
    "/etc/timezone",
)
_DEVICES: Final = ("/dev/full", "/dev/null", "/dev/random", "/dev/urandom", "/dev/zero")


def machine_binds() -> list[Bind]:
    """The interpreter, the system's programs and a few settings, none of them writable."""
    return [*_system(), *(Bind(device, device, writable=True, device=True) for device in _DEVICES)]


def machine_links() -> dict[str, str]:
    """Where /bin and the like are links into /usr, as on most systems."""
    return {place: str(Path(place).readlink()) for place in _SYSTEM if Path(place).is_symlink()}


def plugin_binds(folder: HostedFolder, layer: Path) -> list[Bind]:
    return [
        Bind(str(folder.code), CODE),
        Bind(str(folder.venv), VENV),
        Bind(str(layer), KIT),
        Bind(str(folder.data), DATA, writable=True),
    ]


def _system() -> Iterator[Bind]:
    for place in _SYSTEM:
        if Path(place).is_dir() and not Path(place).is_symlink():
            yield Bind(place, place)
    prefix = Path(sys.base_prefix).resolve()
    if not prefix.is_relative_to("/usr"):
        yield Bind(str(prefix), str(prefix))
    if Path(sys.base_prefix).is_symlink():
        yield Bind(str(prefix), sys.base_prefix)
    for place in _SETTINGS:
        if Path(place).exists():
            yield Bind(str(Path(place).resolve()), place)
