"""Begins a plugin's process anew when a file of its project changes."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from socket import socket

from uvicorn import Config
from uvicorn.supervisors.basereload import BaseReload

_WATCHED = frozenset({".py", ".js"})


class Reloader(BaseReload):
    """Knows the files as they were before the process began to read them. Uvicorn's own looks at them a moment later,
    and misses what was changed in between; without one more package it sees neither forms nor new files.
    """

    def __init__(self, config: Config, target: Callable[[list[socket] | None], None], sockets: list[socket]) -> None:
        super().__init__(config, target, sockets)
        self.reloader_name = "times of files"
        self._known: dict[Path, float] = {}

    def startup(self) -> None:
        self._known = dict(self._times())
        super().startup()

    def restart(self) -> None:
        self._known = dict(self._times())
        super().restart()

    def should_restart(self) -> list[Path] | None:
        self.pause()
        now = dict(self._times())
        changed = [path for path in {**self._known, **now} if self._known.get(path) != now.get(path)]
        return changed or None

    def _times(self) -> Iterator[tuple[Path, float]]:
        for folder in self.config.reload_dirs:
            for path in folder.rglob("*"):
                hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
                if path.suffix in _WATCHED and not hidden:
                    with contextlib.suppress(FileNotFoundError):
                        yield path, path.stat().st_mtime
