from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Text, bindparam, cast, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from gateway.snapshot.models import SnapshotRevision, SnapshotShard, Worker
from kernel.ids import new_id

_ROW = 1
_STAYING: Final = ("id", "started_at")
_RENEWED: Final = ("revision", "lease_expires_at", "secret_root")
_LIVE_IDS: Final = (
    select(col(Worker.id)).where(col(Worker.lease_expires_at) > bindparam("now")).order_by(col(Worker.id))
)


@dataclass(frozen=True, slots=True)
class Revision:
    value: int
    lineage: str


async def lock_revision(session: AsyncSession) -> None:
    """Waits until no other transaction is changing the configuration."""
    await session.execute(
        _insert(session, SnapshotRevision).values(id=_ROW, value=0, lineage=new_id()).on_conflict_do_nothing()
    )
    await session.execute(select(SnapshotRevision).where(col(SnapshotRevision.id) == _ROW).with_for_update())


async def next_revision(session: AsyncSession) -> int:
    """Counts on; holds the counter's row lock until the transaction ends, so revisions commit in order."""
    statement = (
        _insert(session, SnapshotRevision)
        .values(id=_ROW, value=1, lineage=new_id())
        .on_conflict_do_update(
            index_elements=[col(SnapshotRevision.id)], set_={"value": col(SnapshotRevision.value) + 1}
        )
        .returning(col(SnapshotRevision.value))
    )
    value: int = (await session.execute(statement)).scalar_one()
    return value


async def current_revision(session: AsyncSession) -> Revision:
    """Revision 0 of no lineage when nothing was ever published."""
    row = (
        await session.execute(
            select(col(SnapshotRevision.value), col(SnapshotRevision.lineage)).where(col(SnapshotRevision.id) == _ROW)
        )
    ).one_or_none()
    return Revision(row[0], row[1]) if row is not None else Revision(0, "")


async def put_shard(session: AsyncSession, key: str, revision: int, document: Mapping[str, Any]) -> None:
    values = {"kind": document["kind"], "revision": revision, "document": dict(document)}
    await session.execute(
        _insert(session, SnapshotShard)
        .values(key=key, **values)
        .on_conflict_do_update(index_elements=[col(SnapshotShard.key)], set_=values)
    )


async def shard_revision(session: AsyncSession, key: str) -> int:
    """The revision at which the shard changed last; 0 when it was never published."""
    found = await session.execute(select(col(SnapshotShard.revision)).where(col(SnapshotShard.key) == key))
    return found.scalar_one_or_none() or 0


async def shard_document(session: AsyncSession, key: str) -> dict[str, Any] | None:
    """The newest document of a shard, if it was ever published."""
    found = await session.execute(select(col(SnapshotShard.document)).where(col(SnapshotShard.key) == key))
    return found.scalar_one_or_none()


@dataclass(frozen=True, slots=True)
class StoredShard:
    """``source`` is the document as JSON text."""

    key: str
    revision: int
    source: str


async def shards_after(session: AsyncSession, revision: int, limit: int) -> list[StoredShard]:
    """The next shards changed after `revision`, in the order of the changes; each change has a revision of its own.

    They come as text: a large one takes a moment to read, which is not for the event loop.
    """
    rows = await session.execute(
        select(col(SnapshotShard.key), col(SnapshotShard.revision), cast(col(SnapshotShard.document), Text))
        .where(col(SnapshotShard.revision) > revision)
        .order_by(col(SnapshotShard.revision))
        .limit(limit)
    )
    return [StoredShard(*row) for row in rows]


async def shards_page(session: AsyncSession, after: str, limit: int) -> list[tuple[str, dict[str, Any]]]:
    """Keys and documents, in the order of keys, from the first one behind `after`."""
    rows = await session.execute(
        select(col(SnapshotShard.key), col(SnapshotShard.document))
        .where(col(SnapshotShard.key) > after)
        .order_by(col(SnapshotShard.key))
        .limit(limit)
    )
    return [(key, document) for key, document in rows]


async def put_worker(session: AsyncSession, worker: Worker) -> None:
    statement = _put_worker(session.get_bind().dialect.name)
    await session.execute(statement, {f"given_{name}": getattr(worker, name) for name in (*_STAYING, *_RENEWED)})


async def live_workers(session: AsyncSession, now: datetime) -> list[Worker]:
    rows = await session.execute(select(Worker).where(col(Worker.lease_expires_at) > now).order_by(col(Worker.id)))
    return list(rows.scalars())


async def live_ids(session: AsyncSession, now: datetime) -> list[str]:
    """Ids of `live_workers`."""
    return list((await session.execute(_LIVE_IDS, {"now": now})).scalars())


async def remove_worker(session: AsyncSession, worker_id: str) -> None:
    await session.execute(delete(Worker).where(col(Worker.id) == worker_id))


async def remove_dead_workers(session: AsyncSession, dead_since: datetime) -> None:
    await session.execute(delete(Worker).where(col(Worker.lease_expires_at) < dead_since))


@cache
def _put_worker(dialect: str) -> postgresql.Insert | sqlite.Insert:
    """Every process carries it out every two seconds, so it is built once."""
    given: dict[str, Any] = {name: bindparam(f"given_{name}") for name in (*_STAYING, *_RENEWED)}
    statement = _insert_into(Worker, dialect).values(given)
    renewed = {name: statement.excluded[name] for name in _RENEWED}
    return statement.on_conflict_do_update(index_elements=[col(Worker.id)], set_=renewed)


def _insert(session: AsyncSession, table: type[SQLModel]) -> postgresql.Insert | sqlite.Insert:
    return _insert_into(table, session.get_bind().dialect.name)


def _insert_into(table: type[SQLModel], dialect: str) -> postgresql.Insert | sqlite.Insert:
    """The dialect's INSERT, whose ON CONFLICT both databases spell alike."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
