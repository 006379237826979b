"""The audit log outside of the database: one sealed record a line, as JSON, with its place in the hash chain."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from kernel.audit.chain import Anchor, ChainCheck
from kernel.audit.models import AuditRecord

_BATCH = 1000


class LineMalformed(Exception):
    """A line that no export wrote; the text names it."""


def to_line(record: AuditRecord) -> str:
    document = record.model_dump()
    document["at"] = record.at.isoformat(timespec="microseconds")
    return json.dumps(document, separators=(",", ":"))  # ASCII: no sign in it ends a line


def from_line(line: str) -> AuditRecord:
    """Raises LineMalformed."""
    try:
        document: dict[str, Any] = json.loads(line)
        document["at"] = datetime.fromisoformat(document["at"])
        if document.keys() != AuditRecord.model_fields.keys():
            raise LineMalformed(f"members are missing or unknown: {line[:80]}")
        return AuditRecord(**document)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise LineMalformed(f"not a record of the audit log: {line[:80]}") from error


def check_lines(lines: Iterable[str], noted: Anchor | None) -> ChainCheck:
    """Checks an export; raises LineMalformed."""
    check = ChainCheck(noted)
    for batch in _batches(lines):
        check.take(batch)
    return check


def _batches(lines: Iterable[str]) -> Iterator[list[AuditRecord]]:
    batch: list[AuditRecord] = []
    for line in lines:
        if line.strip():
            batch.append(from_line(line))
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
