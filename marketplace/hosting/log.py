"""What a plugin's process says: kept in two files of bounded size, with what is secret masked."""

import re
import threading
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import Final

MOST_BYTES: Final = 1024 * 1024
"""Of each of the two files."""
_LONGEST_LINE: Final = 16 * 1024
_MOST_SECRETS: Final = 1_000
_SHORTEST_SECRET: Final = 4
_MASK: Final = "********"
_NAMED = re.compile(
    r"(?i)\b(password|passwd|secret|token|api[_-]?key|authorization|cookie|private[_-]?key)"
    r"([\"']?\s*[:=]\s*(?:bearer\s+|basic\s+)?)([\"']?)([^\s\"',;&]+)"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class PluginLog:
    """Lines of one hosted plugin. Several threads may write."""

    def __init__(self, path: Path, most_bytes: int = MOST_BYTES) -> None:
        self._path = path
        self._most = most_bytes
        self._secrets: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def hide(self, secrets: Iterable[str]) -> None:
        """From now on these never stand in a line."""
        for secret in secrets:
            if len(secret) >= _SHORTEST_SECRET:
                self._secrets[secret] = None
                self._secrets.move_to_end(secret)
        while len(self._secrets) > _MOST_SECRETS:
            self._secrets.popitem(last=False)

    def masked(self, text: str) -> str:
        for secret in list(self._secrets):
            text = text.replace(secret, _MASK)
        return _NAMED.sub(rf"\1\2\3{_MASK}", text)

    def write(self, *lines: str) -> None:
        if not lines:
            return
        kept = [_CONTROL.sub("\N{REPLACEMENT CHARACTER}", self.masked(line[:_LONGEST_LINE])) for line in lines]
        with self._lock:
            if self._size() > self._most:
                self._path.replace(_before(self._path))
            with self._path.open("a", encoding="utf-8", errors="replace") as file:
                file.write("\n".join(kept) + "\n")

    def _size(self) -> int:
        try:
            return self._path.stat().st_size
        except OSError:
            return 0


def last_lines(path: Path, most: int) -> list[str]:
    """The newest lines, the oldest of them first."""
    lines: list[str] = []
    for file in (_before(path), path):
        try:
            lines += file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
    return lines[-most:]


def _before(path: Path) -> Path:
    return path.with_name(f"{path.name}.1")
