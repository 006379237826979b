"""Whether a revision is live: acknowledged by every worker whose lease holds."""

import asyncio

from gateway.snapshot import repository
from gateway.snapshot.models import Worker
from kernel.clock import Clock
from kernel.db.database import Database

_PAUSE_SECONDS = 0.02


class LiveWatch:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def workers(self) -> list[Worker]:
        """Those whose lease holds."""
        async with self._database.reading() as session:
            return await repository.live_workers(session, self._clock.now())

    async def revision(self) -> int:
        """The newest published revision."""
        async with self._database.reading() as session:
            return (await repository.current_revision(session)).value

    async def is_live(self, revision: int) -> bool:
        """False when nobody serves at all."""
        workers = await self.workers()
        return bool(workers) and all(worker.revision >= revision for worker in workers)

    async def newest_is_live(self) -> bool:
        """Waits until what is published by now is live; implements `kernel.contracts.configuration`."""
        return await self.wait_live(await self.revision())

    async def wait_live(self, revision: int, seconds: float = 2.0) -> bool:
        """Waits until `revision` is live; false when that takes longer than `seconds`."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not await self.is_live(revision):
            if asyncio.get_running_loop().time() >= deadline:
                return False
            await asyncio.sleep(_PAUSE_SECONDS)
        return True
