"""Uploaded files on their way to hosts."""

import asyncio
from dataclasses import replace

from adapters.job.service.files.spool import Fetched
from adapters.job.service.local_files.repository import LocalFileRepository
from kernel.db.database import Database


class LocalFileReader:
    def __init__(self, database: Database, repository: LocalFileRepository) -> None:
        self._database = database
        self._repository = repository

    async def read(self, wanted: Fetched, _limit: int | None) -> Fetched:
        """Raises:
        OSError: it was deleted meanwhile.
        """
        file_id = wanted.path.partition("/")[0]
        number = 0
        with await asyncio.to_thread(wanted.at.open, "wb") as here:
            while (piece := await self._piece(file_id, number)) is not None:
                await asyncio.to_thread(here.write, piece)
                number += 1
            size = here.tell()
        if number == 0:
            raise OSError("it was deleted")
        return replace(wanted, size=size)

    async def _piece(self, file_id: str, number: int) -> bytes | None:
        async with self._database.reading() as session:
            return await self._repository.piece(session, file_id, number)
