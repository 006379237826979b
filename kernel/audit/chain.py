"""The hash chain over audit records: what was sealed can't be changed, reordered or removed unnoticed."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from kernel.audit.models import AuditRecord

GENESIS = "0" * 64
BATCH: Final = 500
"""Records that are sealed at once."""
_CHAIN_LOCK = 0x7472756E6B


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain doesn't hold."""

    sequence: int
    record_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place in the chain that was noted elsewhere: whoever computes the chain anew can't meet its hash."""

    sequence: int
    hash: str

    @classmethod
    def parse(cls, text: str) -> "Anchor":
        """Raises ValueError."""
        sequence, _, noted = text.partition(":")
        return cls(int(sequence), noted)

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash}"


def digest(record: AuditRecord, sequence: int, previous_hash: str) -> str:
    """SHA-256 over the record's content, its place in the chain, and the hash before it."""
    content = [
        previous_hash,
        sequence,
        record.id,
        record.at.isoformat(timespec="microseconds"),
        record.actor_kind,
        record.actor,
        record.on_behalf_of,
        record.action,
        record.resource_kind,
        record.resource_id,
        record.project_id,
        record.task_id,
        record.before,
        record.after,
        record.request_id,
        record.ip,
    ]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


async def seal_batch(session: AsyncSession) -> int:
    """Seals up to 500 committed records, oldest first, in the caller's transaction.

    Returns:
        How many were sealed.
    """
    if session.bind is not None and session.bind.dialect.name == "postgresql":
        await session.execute(select(func.pg_advisory_xact_lock(_CHAIN_LOCK)))
    head = (
        await session.execute(
            select(AuditRecord)
            .where(col(AuditRecord.sequence).is_not(None))
            .order_by(col(AuditRecord.sequence).desc())
            .limit(1)
        )
    ).scalar_one_or_none()
    sequence = head.sequence if head is not None and head.sequence is not None else 0
    previous = head.hash if head is not None and head.hash is not None else GENESIS
    waiting = (
        await session.execute(
            select(AuditRecord).where(col(AuditRecord.sequence).is_(None)).order_by(col(AuditRecord.id)).limit(BATCH)
        )
    ).scalars()
    sealed = []
    for record in waiting:
        sequence += 1
        current = digest(record, sequence, previous)
        sealed.append({"id": record.id, "sequence": sequence, "previous_hash": previous, "hash": current})
        previous = current
    if sealed:
        await session.execute(update(AuditRecord), sealed)
    return len(sealed)


def find_breaks(records: Iterable[AuditRecord], previous: str = GENESIS, expected: int = 1) -> list[Break]:
    """Checks sealed records in their order; an empty list means the chain holds."""
    breaks: list[Break] = []
    for record in records:
        sequence = record.sequence or 0
        if sequence != expected:
            breaks.append(Break(expected, record.id, f"record {expected} is missing"))
        if record.previous_hash != previous:
            breaks.append(Break(sequence, record.id, "does not follow the record before it"))
        if record.hash != digest(record, sequence, record.previous_hash or ""):
            breaks.append(Break(sequence, record.id, "its content was changed"))
        previous = record.hash or ""
        expected = sequence + 1
    return breaks


class ChainCheck:
    """Checks a log piece by piece, from its first record on.

    Args:
        noted: a record of an earlier check; it must still stand where it stood.
    """

    def __init__(self, noted: Anchor | None = None) -> None:
        self.last = Anchor(0, GENESIS)
        self._breaks: list[Break] = []
        self._sought = noted

    def take(self, batch: Sequence[AuditRecord]) -> None:
        """The records that follow; none twice, in the order they have."""
        self._breaks += find_breaks(batch, self.last.hash, self.last.sequence + 1)
        if self._sought is not None and any(_place(record) == self._sought for record in batch):
            self._sought = None
        self.last = _place(batch[-1])

    @property
    def breaks(self) -> list[Break]:
        """Of all that was taken; empty when the chain holds."""
        if self._sought is None:
            return self._breaks
        return [*self._breaks, Break(self._sought.sequence, "", "the record noted as anchor is not there any more")]


def _place(record: AuditRecord) -> Anchor:
    return Anchor(record.sequence or 0, record.hash or "")
