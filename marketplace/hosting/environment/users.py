"""Users of their own for plugins, where the server is root: a number each, kept beside its folder."""

import fcntl
import os
from pathlib import Path
from typing import Final

from marketplace.hosting.environment.folders import HostedFolder
from marketplace.hosting.sandbox.launch import FIRST_USER

_MOST: Final = 3_000
_FILE: Final = "user"


def user_of(folder: HostedFolder) -> int:
    """The plugin's number, chosen when it is asked for first; its data belongs to that user from then on.

    Raises:
        OSError: all are taken.
    """
    with (folder.base / "users.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        chosen = folder.place / _FILE
        if not chosen.exists():
            taken = {int(file.read_text(encoding="ascii")) for file in folder.base.glob(f"*/{_FILE}")}
            free = next((user for user in range(FIRST_USER, FIRST_USER + _MOST) if user not in taken), None)
            if free is None:
                raise OSError(f"more than {_MOST} plugins are hosted here")
            chosen.write_text(str(free), encoding="ascii")
        user = int(chosen.read_text(encoding="ascii"))
    _give(folder.data, user)
    return user


def _give(data: Path, user: int) -> None:
    os.chown(data, user, user, follow_symlinks=False)
    for place, folders, files in os.walk(data):
        for name in (*folders, *files):
            os.chown(os.path.join(place, name), user, user, follow_symlinks=False)  # noqa: PTH118  walked often
