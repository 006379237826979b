import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from kernel.clock import ManualClock
from kernel.db.database import Database
from kernel.http.nonces import DatabaseNonces, SeenNonce


async def test_of_many_calls_at_once_with_one_nonce_the_first_alone_is_taken(
    database: Database, clock: ManualClock
) -> None:
    expires = clock.now().timestamp() + 60
    stores = [DatabaseNonces(database, clock) for _ in range(2)]
    asked = [store.take("job", f"n{number % 7}", 0, expires) for store in stores for number in range(35)]
    answers = await asyncio.gather(*asked)
    assert sum(answers) == 7
    assert await stores[0].take("job", "n1", 0, expires) is False
    assert await stores[0].take("cmdb", "n1", 0, expires) is True


async def test_nonces_go_when_they_have_expired(database: Database, clock: ManualClock) -> None:
    nonces = DatabaseNonces(database, clock)
    expires = (clock.now() + timedelta(seconds=60)).timestamp()
    await asyncio.gather(*(nonces.take("job", f"old{number}", 0, expires) for number in range(400)))
    clock.advance(seconds=61)
    later = (clock.now() + timedelta(seconds=60)).timestamp()
    await asyncio.gather(*(nonces.take("job", f"new{number}", 0, later) for number in range(200)))
    async with database.reading() as session:
        assert (await session.execute(select(func.count()).select_from(SeenNonce))).scalar_one() == 200


async def test_who_waits_learns_that_the_database_failed(
    database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    nonces = DatabaseNonces(database, clock)

    async def fail(_rows: object) -> set[tuple[str, str]]:
        raise OSError("away")

    with monkeypatch.context() as patched:
        patched.setattr(nonces, "_insert", fail)
        with pytest.raises(OSError, match="away"):
            await nonces.take("job", "n", 0, 1e10)
    assert await nonces.take("job", "n", 0, 1e10) is True
