"""Every sealed secret of the database: under which root key it stands, and putting it under the current one."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, MetaData, Table, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.db.database import Database
from kernel.db.types import SealedText
from kernel.secrets import SecretBox, SecretUnreadable, head_of, root_of

Key = tuple[Any, ...]
_BATCH = 500
_HEAD_LENGTH = len(head_of("0" * 8))


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of type `SealedText`, and its table's primary key."""

    table: Table
    key: tuple[Column[Any], ...]
    column: Column[Any]

    @property
    def name(self) -> str:
        return f"{self.table.name}.{self.column.name}"


@dataclass(frozen=True, slots=True)
class Rewrapping:
    """Attributes:
    rewrapped: how many stand under the current root key now and did not before.
    unreadable: those that stay as they are, as `table.column key`.
    """

    rewrapped: int
    unreadable: tuple[str, ...]


def sealed_columns(metadata: MetaData) -> Iterator[SealedColumn]:
    for table in metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, SealedText):
                yield SealedColumn(table, tuple(table.primary_key.columns), column)


async def roots_in_use(session: AsyncSession, metadata: MetaData) -> Counter[str]:
    """Root key id → how many sealed secrets need it; under "" those that nobody can read."""
    found: Counter[str] = Counter()
    for place in sealed_columns(metadata):
        head = func.substr(place.column, 1, _HEAD_LENGTH)
        rows = await session.execute(select(head, func.count()).where(place.column != "").group_by(head))
        for text, count in rows:
            found[root_of(text) or ""] += count
    return found


async def rewrap_columns(database: Database, metadata: MetaData, box: SecretBox) -> Rewrapping:
    """Puts every sealed secret under the current root key, in short transactions: one that is changed meanwhile keeps
    the change, and what a broken-off run did stays done.
    """
    rewrapped, unreadable = 0, list[str]()
    for place in sealed_columns(metadata):
        last: Key | None = None
        while True:
            async with database.unit_of_work() as session:
                rows = await _under_others(session, place, box.root, last)
                for sealed, key in rows:
                    try:
                        anew = box.rewrap(sealed)
                    except SecretUnreadable:
                        unreadable.append(f"{place.name} {' '.join(map(str, key))}")
                        continue
                    changed = update(place.table).where(tuple_(*place.key) == tuple_(*key), place.column == sealed)
                    await session.execute(changed.values({place.column.name: anew}))
                    rewrapped += 1
            if len(rows) < _BATCH:
                break
            last = rows[-1][1]
    return Rewrapping(rewrapped, tuple(unreadable))


async def _under_others(
    session: AsyncSession, place: SealedColumn, root: str, last: Key | None
) -> list[tuple[str, Key]]:
    statement = select(place.column, *place.key).where(place.column != "", ~place.column.startswith(head_of(root)))
    if last is not None:
        statement = statement.where(tuple_(*place.key) > tuple_(*last))
    rows = await session.execute(statement.order_by(*place.key).limit(_BATCH))
    return [(sealed, tuple(key)) for sealed, *key in rows]
