"""Which machine this is: a name kept in the folder of its hosted plugins, since it is they that can't move."""

import contextlib
import os
import socket
from pathlib import Path

from kernel.ids import new_id


def machine_of(base: Path) -> str:
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = base / "machine"
    with (
        contextlib.suppress(FileExistsError),
        os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file,
    ):
        file.write(f"{socket.gethostname()[:24]}-{new_id()}"[:64])
    return kept.read_text(encoding="utf-8").strip()
