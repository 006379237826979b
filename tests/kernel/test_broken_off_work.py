"""Work on a database that is cancelled, at each place where it waits."""

import asyncio
import itertools
import sqlite3
from collections.abc import Coroutine, Generator
from contextlib import AbstractAsyncContextManager, closing
from types import coroutine
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.audit.models import AuditRecord
from kernel.db.database import Database
from kernel.principal import system_principal


@coroutine
def _cancelled_after(waits: int, work: Coroutine[Any, Any, None]) -> Generator[Any, None, None]:
    """Awaits `work`, which is cancelled when it has waited so many times, with what it waited for at hand."""
    try:
        for _ in range(waits):
            yield work.send(None)
        waited = work.throw(asyncio.CancelledError())
        while True:
            yield waited
            waited = work.send(None)
    except StopIteration:
        return


async def _write(work: AbstractAsyncContextManager[AsyncSession]) -> None:
    async with work as session:
        record(session, system_principal("test"), "thing.made", "thing", "1")
        await session.flush()
        (await session.execute(select(AuditRecord))).all()


def _is_free(path: str) -> bool:
    """Whether nobody writes to the database, nor reads in it."""
    with closing(sqlite3.connect(path, timeout=0)) as connection:
        is_busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not is_busy


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", [Database.unit_of_work, Database.reading])
async def test_whoever_is_cancelled_keeps_nobody_from_writing(database: Database, kind: Any) -> None:
    path = database.engine.url.database
    assert path is not None
    kept = []  # what an error holds is collected some time later: so late here that it does not help
    for waits in itertools.count(1):
        try:
            await _cancelled_after(waits, _write(kind(database)))
        except asyncio.CancelledError as error:
            kept.append(error)
        else:
            break
        assert _is_free(path), f"kept after {waits} waits"
    assert len(kept) > 10
    await _write(database.unit_of_work())
