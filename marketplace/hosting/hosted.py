"""One hosted version as one process of the server sees it: owned, when it has the lock of its folder."""

import asyncio
import contextlib
import fcntl
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from kernel.crowding import busy_seconds_of
from marketplace.hosting.bounded import Peer
from marketplace.hosting.environment.folders import HostedFolder, SocketPath
from marketplace.hosting.log import PluginLog
from marketplace.hosting.log_socket import masked_elsewhere
from marketplace.hosting.models import HostedPlugin
from marketplace.hosting.process import HostedProcess, plugin_at
from marketplace.hosting.turns import Turns

_TOLD: Final = ("detail", "memory", "pid", "restarts", "state", "waiting")
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_STEADY_SECONDS: Final = 60.0
MOST_ENDINGS: Final = 6
"""In a row, before it is given up until somebody asks for a restart or a while has passed."""
GIVEN_UP_SECONDS: Final = 300.0


@dataclass(slots=True)
class Pauses:
    """How long to wait before a process that ended by itself is started again."""

    endings: int = 0
    until: float = 0.0

    def ended(self, lived: float, now: float) -> float:
        """After a process lived so long; answers the pause."""
        self.endings = 1 if lived >= _STEADY_SECONDS else self.endings + 1
        pause: float = min(_FIRST_PAUSE * 2 ** (self.endings - 1), _LONGEST_PAUSE)
        self.until = now + (GIVEN_UP_SECONDS if self.is_given_up else pause)
        return pause

    @property
    def is_given_up(self) -> bool:
        return self.endings >= MOST_ENDINGS

    def left(self, now: float) -> float:
        return max(0.0, self.until - now)


@dataclass(slots=True)
class Hosted:
    """Attributes:
    process: while this process of the server owns the plugin's.
    failure: why it can't run, until it is restarted.
    ended_because: why we ended its process, where it was us.
    obeyed: the last restart that was asked for.
    told: what stands in the database.
    """

    id: str
    folder: HostedFolder
    log: PluginLog
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    process: HostedProcess | None = None
    pauses: Pauses = field(default_factory=Pauses)
    failure: str = ""
    ended_because: str = ""
    started: float = 0.0
    start_seconds: float = 0.0
    restarts: int = 0
    misses: int = 0
    obeyed: datetime | None = None
    waiting: int = 0
    told: dict[str, object] = field(default_factory=dict)
    turns: Turns = field(init=False)
    _lock: int = -1
    _other: Peer | None = None
    _other_address: SocketPath | None = None

    def __post_init__(self) -> None:
        self.turns = Turns(lambda: busy_seconds_of(self.process.pid) if self.process is not None else 0.0)

    @property
    def is_ending(self) -> bool:
        """Whether its process is being ended in good order, by whichever process of the server."""
        return self.folder.ending.exists()

    def is_held_back(self, now: float) -> bool:
        """Whether it may not be started yet: it failed, or ended by itself, a moment ago."""
        self.recall()
        return self.pauses.left(now) > 0

    def recall(self) -> None:
        """How its process did in other processes of the server, whose clock is the same."""
        with contextlib.suppress(OSError, ValueError):
            endings, until = self.folder.pauses.read_text(encoding="ascii").split()
            longest = time.monotonic() + GIVEN_UP_SECONDS + 1  # beyond it is of a time before the machine began
            if self.pauses.until < float(until) < longest:
                self.pauses = Pauses(int(endings), float(until))

    def remember(self) -> None:
        """For whichever process of the server starts it next."""
        self.folder.pauses.write_text(f"{self.pauses.endings} {self.pauses.until}", encoding="ascii")

    def forgive(self) -> None:
        """It may be started at once."""
        self.failure, self.pauses = "", Pauses()
        self.folder.pauses.unlink(missing_ok=True)

    async def hide(self, secrets: Sequence[str]) -> None:
        """From now on these never stand in its log, whichever process of the server writes that.

        Raises:
            OSError: nobody writes it just now.
        """
        self.log.hide(secrets)
        if secrets and self.process is None:
            await masked_elsewhere(self.folder.log_socket, secrets)

    async def masked(self, text: str) -> str:
        """A text without what must not stand in the log; raises as `hide`."""
        return self.log.masked(text if self.process else await masked_elsewhere(self.folder.log_socket, (), text))

    def read(self, row: HostedPlugin) -> None:
        """What stands in the database; another process of the server may have written it."""
        self.told |= {name: getattr(row, name) for name in _TOLD}
        self.restarts = max(self.restarts, row.restarts)

    def try_to_own(self) -> bool:
        """Whether the lock is this process's now: of all processes on this machine one runs the plugin."""
        if self._lock >= 0:
            return True
        self.folder.place.mkdir(mode=0o755, parents=True, exist_ok=True)
        lock = os.open(self.folder.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            return False
        self._lock = lock
        return True

    def is_free(self) -> bool:
        """Whether no process of the server has the lock, this one neither: it may be starting the plugin just now."""
        if self._lock >= 0 or not self.try_to_own():
            return False
        self.disown()
        return True

    def disown(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def used(self) -> None:
        """Any process of the server may say so; whoever owns the plugin reads it."""
        try:
            os.utime(self.folder.used)
        except FileNotFoundError:
            self.folder.place.mkdir(mode=0o755, parents=True, exist_ok=True)
            self.folder.used.touch()

    def idle_for(self) -> float:
        """Seconds since it was used last."""
        with contextlib.suppress(OSError):
            return time.time() - self.folder.used.stat().st_mtime
        return float("inf")

    async def other(self) -> Peer | None:
        """Speaks to the process that another of the server's owns; None where there is none that listens."""
        try:
            if self._other is None or self._other_address is None:
                self._other_address = SocketPath(self.folder.socket)
                self._other = plugin_at(self._other_address.text)
            _, writer = await asyncio.open_unix_connection(self._other_address.text)
        except OSError:
            await self.forget_other()
            return None
        writer.close()
        return self._other

    async def forget_other(self) -> None:
        if self._other is not None:
            await self._other.client.aclose()
        if self._other_address is not None:
            self._other_address.close()
        self._other = self._other_address = None
