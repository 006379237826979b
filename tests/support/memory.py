"""Files of tests in memory: a disk has each commit of a database wait for it, and no test takes the power from it."""

import os
import shutil
from pathlib import Path
from typing import Final

_GIB: Final = 1024**3


def in_memory(gib: int) -> Path | None:
    """A folder whose files are memory, if there is so much room in it and programs may be run from it."""
    memory = Path("/dev/shm")  # noqa: S108  whoever asks makes a folder of his own in it
    if not (memory.is_dir() and os.access(memory, os.W_OK)) or os.statvfs(memory).f_flag & os.ST_NOEXEC:
        return None
    return memory if shutil.disk_usage(memory).free > gib * _GIB else None
