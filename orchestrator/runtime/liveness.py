"""Whether a worker on this machine still lives: the kernel gives a dead process's file lock back at once."""

import fcntl
import os
import socket
from pathlib import Path

from orchestrator.runtime.store import WorkerRow

HOST = socket.gethostname()


class LifeSign:
    """A locked file for as long as this process lives."""

    def __init__(self, folder: Path | None, worker: str) -> None:
        self.path = "" if folder is None else str(folder.resolve() / f"worker-{worker}.lock")
        self._descriptor: int | None = None

    def show(self) -> None:
        if not self.path:
            return
        Path(self.path).parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def end(self) -> None:
        if self._descriptor is not None:
            Path(self.path).unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = None


def surely_dead(worker: WorkerRow) -> bool:
    """True only when it was on this machine and its lock is free; false says nothing."""
    if worker.host != HOST or not worker.lock_file:
        return False
    try:
        descriptor = os.open(worker.lock_file, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        Path(worker.lock_file).unlink(missing_ok=True)
        return True
    finally:
        os.close(descriptor)
