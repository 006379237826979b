"""Where a hosted version stands on disk."""

import hashlib
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_MOST_PATH: Final = 100
"""Characters that fit into the address of a Unix socket."""


@dataclass(frozen=True, slots=True)
class HostedFolder:
    """Attributes:
    base: where all of this machine's hosted plugins are.
    """

    base: Path
    plugin: str
    version: str
    digest: str

    @property
    def place(self) -> Path:
        return self.base / f"{self.plugin}-{self.version}-{self.digest.removeprefix('sha256:')[:12]}"

    @property
    def code(self) -> Path:
        return self.place / "code"

    @property
    def venv(self) -> Path:
        return self.place / "venv"

    @property
    def data(self) -> Path:
        """The plugin's own; nothing else it may write to outlives it."""
        return self.place / "data"

    @property
    def root(self) -> Path:
        """Empty: its root file system is mounted on it."""
        return self.place / "root"

    @property
    def log(self) -> Path:
        return self.place / "log"

    @property
    def lock(self) -> Path:
        return self.place / "lock"

    @property
    def used(self) -> Path:
        """Was changed when it was used last."""
        return self.place / "used"

    @property
    def log_socket(self) -> Path:
        """Where the process that writes the log is told what is secret in it."""
        return self.socket.with_name(f"{self.socket.name}-log")

    @property
    def pauses(self) -> Path:
        """How often its process has ended in a row, and until when it is held back."""
        return self.place / "pauses"

    @property
    def ending(self) -> Path:
        """There while its process is being ended in good order, and until the next is started."""
        return self.place / "ending"

    @property
    def ready(self) -> Path:
        """Written when all else is; holds what it was made of."""
        return self.place / "ready.json"

    @property
    def groups(self) -> Path:
        """Names the control group of its process, while there is one."""
        return self.place / "groups"

    @property
    def socket(self) -> Path:
        name = hashlib.sha256(str(self.place).encode()).hexdigest()[:16]
        return self.base / "sockets" / name


class SocketPath:
    """A Unix socket's address, however deep its folder: by a descriptor of the folder where the path is too long."""

    def __init__(self, path: Path) -> None:
        self._folder = -1
        self.text = str(path)
        if len(self.text) > _MOST_PATH:
            self._folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
            self.text = f"/proc/self/fd/{self._folder}/{path.name}"

    def close(self) -> None:
        if self._folder >= 0:
            os.close(self._folder)
            self._folder = -1


def listen(path: Path) -> socket.socket:
    """A listening socket in place of what an earlier process left there."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    address = SocketPath(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(address.text)
        listener.listen(256)
    except OSError:
        listener.close()
        raise
    finally:
        address.close()
    return listener
