from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, TypeVar

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.cmdb.service.imports.models import RUNNING, HostOrigin, ImportRun
from adapters.cmdb.service.models import CloudArea, Host, HostModule

_AT_ONCE: Final = 500
Item = TypeVar("Item")


class ImportRepository:
    async def hosts_at(self, session: AsyncSession, keys: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Host]:
        """Hosts by cloud area and inner address."""
        wanted, found = set(keys), dict[tuple[int, str], Host]()
        for part in in_parts(sorted({address for _, address in wanted})):
            rows = (await session.execute(select(Host).where(col(Host.bk_host_innerip).in_(part)))).scalars()
            found |= {(row.bk_cloud_id, row.bk_host_innerip): row for row in rows}
        return {key: host for key, host in found.items() if key in wanted}

    async def standing(self, session: AsyncSession, host_ids: Sequence[int]) -> dict[int, frozenset[int]]:
        """Host id → ids of the modules it stands in."""
        found: dict[int, set[int]] = {}
        for part in in_parts(host_ids):
            statement = select(col(HostModule.bk_host_id), col(HostModule.bk_module_id))
            for host_id, module_id in await session.execute(statement.where(col(HostModule.bk_host_id).in_(part))):
                found.setdefault(host_id, set()).add(module_id)
        return {host_id: frozenset(modules) for host_id, modules in found.items()}

    async def cloud_areas(self, session: AsyncSession) -> frozenset[int]:
        return frozenset((await session.execute(select(col(CloudArea.bk_cloud_id)))).scalars())

    async def origins(self, session: AsyncSession, host_ids: Sequence[int]) -> list[HostOrigin]:
        found: list[HostOrigin] = []
        for part in in_parts(host_ids):
            statement = select(HostOrigin).where(col(HostOrigin.bk_host_id).in_(part))
            ordered = statement.order_by(col(HostOrigin.bk_host_id), col(HostOrigin.first_seen_at))
            found += (await session.execute(ordered)).scalars()
        return found

    async def origins_of(self, session: AsyncSession, source_id: str, host_ids: Sequence[int]) -> dict[int, HostOrigin]:
        """Of these hosts, by host id: that they came from this source."""
        found = await self.origins(session, host_ids)
        return {origin.bk_host_id: origin for origin in found if origin.source_id == source_id}

    async def runs(
        self, session: AsyncSession, source_id: str | None, start: int, limit: int
    ) -> tuple[int, Sequence[ImportRun]]:
        """How many there are, and a page of them, the youngest first."""
        statement = select(ImportRun)
        if source_id is not None:
            statement = statement.where(col(ImportRun.source_id) == source_id)
        ordered = statement.order_by(col(ImportRun.id).desc())
        rows = (await session.execute(ordered.offset(start).limit(limit))).scalars().all()
        count = len((await session.execute(statement.with_only_columns(col(ImportRun.id)))).all())
        return count, rows

    async def break_off(self, session: AsyncSession, source_id: str, now: datetime) -> None:
        """Ends the runs of a source whose process is gone."""
        running = (col(ImportRun.source_id) == source_id, col(ImportRun.state) == RUNNING)
        ended = {"state": "broken_off", "finished_at": now, "problem": "Its process ended; the next run does it all"}
        await session.execute(update(ImportRun).where(*running).values(ended))


def in_parts(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """So many at once as a statement takes as parameters."""
    for begin in range(0, len(items), _AT_ONCE):
        yield items[begin : begin + _AT_ONCE]
