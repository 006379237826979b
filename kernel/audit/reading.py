"""Reading the sealed log from its beginning, in short transactions."""

from collections.abc import AsyncIterator, Sequence

from sqlalchemy import select
from sqlmodel import col

from kernel.audit.chain import Anchor, ChainCheck
from kernel.audit.models import AuditRecord
from kernel.db.database import Database

_BATCH = 1000


async def sealed_batches(database: Database, after: int = 0) -> AsyncIterator[Sequence[AuditRecord]]:
    """What is sealed behind the record `after`, in the order of the chain."""
    while True:
        async with database.reading() as session:
            rows = await session.execute(
                select(AuditRecord)
                .where(col(AuditRecord.sequence) > after)
                .order_by(col(AuditRecord.sequence))
                .limit(_BATCH)
            )
            batch = rows.scalars().all()
        if not batch:
            return
        yield batch
        after = batch[-1].sequence or 0


async def check_log(database: Database, noted: Anchor | None) -> ChainCheck:
    """Checks all that is sealed."""
    check = ChainCheck(noted)
    async for batch in sealed_batches(database):
        check.take(batch)
    return check
