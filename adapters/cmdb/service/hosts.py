"""The inventory as other systems see it: `kernel.contracts.hosts.HostDirectory`."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.cmdb.service.models import Host
from kernel.contracts.hosts import HostSummary


class InventoryHosts:
    async def by_ids(self, session: AsyncSession, host_ids: Iterable[int]) -> dict[int, HostSummary]:
        found = await self._find(session, col(Host.bk_host_id).in_(list(host_ids)))
        return {host.host_id: host for host in found}

    async def by_addresses(
        self, session: AsyncSession, addresses: Iterable[tuple[int, str]]
    ) -> dict[tuple[int, str], HostSummary]:
        pairs = tuple_(col(Host.bk_cloud_id), col(Host.bk_host_innerip)).in_(list(addresses))
        return {(host.cloud_id, host.ip): host for host in await self._find(session, pairs)}

    async def _find(self, session: AsyncSession, where: ColumnElement[bool]) -> Sequence[HostSummary]:
        rows = (await session.execute(select(Host).where(where))).scalars()
        return [
            HostSummary(row.bk_host_id, row.bk_cloud_id, row.bk_host_innerip, row.bk_host_name, row.bk_biz_id)
            for row in rows
        ]
