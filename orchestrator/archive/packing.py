"""A task with all its rows as one compressed document, and back. Pure."""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

VERSION: Final = 1
PARTS: Final = ("runs", "events", "calls", "log", "messages", "cancellations")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Record:
    """Rows by their columns; times as RFC 3339.

    Attributes:
        runs: attempts at nodes, in the order they began.
        events: the history.
        calls, log: what attempts called, and left as lines.
        messages: operations and callbacks that were sent to the task.
        cancellations: node runs whose plugins were told that they are wanted no more.
    """

    task: Row
    runs: Sequence[Row]
    events: Sequence[Row]
    calls: Sequence[Row]
    log: Sequence[Row]
    messages: Sequence[Row]
    cancellations: Sequence[Row] = ()


def pack(record: Record) -> bytes:
    document = {"version": VERSION, "task": record.task} | {part: list(getattr(record, part)) for part in PARTS}
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=_written)
    return zlib.compress(text.encode(), 6)


def unpack(packed: bytes) -> Record:
    """Raises:
    ValueError: a later version packed it.
    """
    document = json.loads(zlib.decompress(packed))
    if document["version"] != VERSION:
        raise ValueError(f"the record has version {document['version']}, this server reads {VERSION}")
    return Record(document["task"], **{part: document.get(part, ()) for part in PARTS})


def _written(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} can't be archived")
