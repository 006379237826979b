"""Who runs first where cores are few: the servers, then the client, then the rest of the machine.

A process that wakes while others hold the cores otherwise waits for the kernel's next tick, milliseconds, and a latency
tells of the scheduler.
"""

import os
from contextlib import suppress

import psutil

SERVERS = 2


def prefer(pid: int, priority: int) -> None:
    """Gives a process, its children and threads a real-time priority (SCHED_FIFO), where that is allowed."""
    for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
        for thread in process.threads():
            with suppress(PermissionError):
                os.sched_setscheduler(thread.id, os.SCHED_FIFO, os.sched_param(priority))
