"""A process that shares a port with others must not outlive the one that started them all."""

import multiprocessing
import os
import signal
import threading
from multiprocessing.connection import wait


def end_with_parent() -> None:
    """In a process that was started by another: ends in good order once that one is gone, however it went.

    A parent that is killed tells its children nothing. They would go on to serve a port that nobody looks after, beside
    those of the next start.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent.sentinel,), name="end-with-parent", daemon=True).start()


def _end_after(sentinel: int) -> None:
    wait([sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
