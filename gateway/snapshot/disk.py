"""The copy of the configuration on disk, from which a gateway starts while its database is away."""

import json
import os
import threading
from dataclasses import dataclass
from pathlib import Path

import structlog

from gateway.snapshot.model.documents import OpenSecret
from gateway.snapshot.model.errors import ShardError
from gateway.snapshot.model.snapshot import Snapshot, compile_shard
from kernel.secrets import SecretUnreadable

_log = structlog.get_logger()
_FORMAT = 2


@dataclass(frozen=True, slots=True)
class Copy:
    snapshot: Snapshot
    lineage: str


class DiskCopy:
    """One file, a line for each shard, replaced as a whole; keys in it stay sealed. Blocking: call it in a thread."""

    def __init__(self, path: Path, open_secret: OpenSecret) -> None:
        self._path = path
        self._open_secret = open_secret
        self._writing = threading.Lock()

    def write(self, copy: Copy) -> None:
        """Durable when it returns; a crash leaves the old file or the new one. One at a time, in the order of calls."""
        with self._writing:
            self._replace(copy)

    def _replace(self, copy: Copy) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = self._path.with_suffix(f".{os.getpid()}.new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            head = {"format": _FORMAT, "lineage": copy.lineage, "revision": copy.snapshot.revision}
            file.write(json.dumps(head) + "\n")
            for shard in copy.snapshot.shards():
                file.write(shard.source + "\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def read(self) -> Copy | None:
        """The copy, or nothing when there is none that can be served."""
        try:
            with self._path.open(encoding="utf-8") as file:
                head = json.loads(file.readline())
                if head["format"] != _FORMAT:
                    return None
                shards = [compile_shard(json.loads(line), self._open_secret) for line in file]
            return Copy(Snapshot().with_shards(head["revision"], shards), head["lineage"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, ShardError, SecretUnreadable) as error:
            _log.error("snapshot_copy_unreadable", path=str(self._path), reason=str(error))
            return None
