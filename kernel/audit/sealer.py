"""Seals committed audit records into the hash chain, in batches, off every road."""

from kernel.audit.chain import BATCH, seal_batch
from kernel.background import Repeating
from kernel.db.database import Database
from kernel.looks import when_changed

_SECONDS = 1.0


class AuditSealer:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._work = Repeating("audit sealer", _SECONDS, when_changed(database, self.seal))

    def start(self) -> None:
        self._work.start()

    async def stop(self) -> None:
        await self._work.stop()

    async def seal(self) -> bool:
        """Seals one batch; true when there may be more."""
        async with self._database.unit_of_work(quiet=True) as session:
            return await seal_batch(session) == BATCH
