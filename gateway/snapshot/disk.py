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
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Copy:
    snapshot: Snapshot
    lineage: str


class DiskCopy:
    """One file, replaced as a whole; keys in it stay sealed. Blocking: call it in a thread."""

    def __init__(self, path: Path, open_secret: OpenSecret) -> None:
        self._path = path
        self._open_secret = open_secret
        self._writing = threading.Lock()

    def write(self, copy: Copy) -> None:
        """Durable when it returns; a crash leaves the old file or the new one. One at a time, in the order of calls."""
        with self._writing:
            self._replace(copy)

    def _replace(self, copy: Copy) -> None:
        document = {
            "format": _FORMAT,
            "lineage": copy.lineage,
            "revision": copy.snapshot.revision,
            "shards": [shard.to_document() for shard in copy.snapshot.shards()],
        }
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = self._path.with_suffix(f".{os.getpid()}.new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(document, file, separators=(",", ":"))
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
            document = json.loads(self._path.read_text(encoding="utf-8"))
            if document["format"] != _FORMAT:
                return None
            shards = [compile_shard(shard, self._open_secret) for shard in document["shards"]]
            return Copy(Snapshot().with_shards(document["revision"], shards), document["lineage"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, ShardError, SecretUnreadable) as error:
            _log.error("snapshot_copy_unreadable", path=str(self._path), reason=str(error))
            return None
