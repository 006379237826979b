"""When a database was last changed by any process on this machine, seen without asking the database."""

import contextlib
import os
import time
from pathlib import Path


class ChangeSign:
    """The time of change of an SQLite database's file.

    SQLite itself writes to that file only now and then, and what it tells of changes (`PRAGMA data_version`) changes
    with every sign of life of every process. So who has changed something says so himself.

    Args:
        path: the database's file.
    """

    def __init__(self, path: str) -> None:
        self._path = Path(path)

    def tell(self) -> None:
        """Something was changed that others may look for."""
        now = time.time_ns()
        with contextlib.suppress(OSError):  # another account's file: the others look without a sign, later
            os.utime(self._path, ns=(now, now))

    def last(self) -> int:
        """Differs after each `tell`, whoever told; 0 where there is no file."""
        try:
            return self._path.stat().st_mtime_ns
        except OSError:
            return 0
