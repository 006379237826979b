"""The inventory as other systems see it: `kernel.contracts.hosts.HostDirectory`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.cmdb.service.attributes.repository import AttributeRepository
from adapters.cmdb.service.dynamic_groups.members import members_of
from adapters.cmdb.service.errors import ParameterWrong
from adapters.cmdb.service.models import Business, DynamicGroup, Host, HostModule, HostSet, Module
from kernel.contracts.hosts import HostSummary, HostsUnknown

_NODES: Final[Mapping[str, tuple[Any, Any]]] = {
    "biz": (Business.bk_biz_id, HostModule.bk_biz_id),
    "set": (HostSet.bk_set_id, HostModule.bk_set_id),
    "module": (Module.bk_module_id, HostModule.bk_module_id),
}
"""The key of each kind of node, and where it stands in the relations of hosts."""


class InventoryHosts:
    def __init__(self) -> None:
        self._attributes = AttributeRepository()

    async def by_ids(self, session: AsyncSession, host_ids: Iterable[int]) -> dict[int, HostSummary]:
        found = await _found(session, select(Host).where(col(Host.bk_host_id).in_(list(host_ids))))
        return {host.host_id: host for host in found}

    async def by_addresses(
        self, session: AsyncSession, addresses: Iterable[tuple[int, str]]
    ) -> dict[tuple[int, str], HostSummary]:
        pairs = tuple_(col(Host.bk_cloud_id), col(Host.bk_host_innerip)).in_(list(addresses))
        return {(host.cloud_id, host.ip): host for host in await _found(session, select(Host).where(pairs))}

    async def in_places(self, session: AsyncSession, places: Iterable[tuple[str, int]]) -> Sequence[HostSummary]:
        found: dict[int, HostSummary] = {}
        for kind, node_id in places:
            if kind not in _NODES:
                raise HostsUnknown(f"{kind} is none of {', '.join(_NODES)}")
            key, relation = _NODES[kind]
            if (await session.execute(select(key).where(key == node_id))).first() is None:
                raise HostsUnknown(f"the inventory has no {kind} {node_id}")
            inside = select(col(HostModule.bk_host_id)).where(relation == node_id)
            hosts = await _found(session, select(Host).where(col(Host.bk_host_id).in_(inside)))
            found |= {host.host_id: host for host in hosts}
        return list(found.values())

    async def in_groups(self, session: AsyncSession, group_ids: Iterable[str]) -> Sequence[HostSummary]:
        found: dict[int, HostSummary] = {}
        known = {name: await self._attributes.fields(session, name) for name in ("set", "module", "host")}
        for group_id in group_ids:
            group = await session.get(DynamicGroup, group_id)
            if group is None or group.bk_obj_id != "host":
                raise HostsUnknown(f"the inventory has no dynamic group of hosts {group_id}")
            try:
                hosts = await _found(session, members_of(group, known))
            except ParameterWrong as wrong:
                raise HostsUnknown(f"dynamic group {group_id} can't be asked: {wrong.message}") from None
            found |= {host.host_id: host for host in hosts}
        return list(found.values())


async def _found(session: AsyncSession, statement: Select[Any]) -> Sequence[HostSummary]:
    rows = (await session.execute(statement.order_by(col(Host.bk_host_id)))).scalars()
    return [
        HostSummary(row.bk_host_id, row.bk_cloud_id, row.bk_host_innerip, row.bk_host_name, row.bk_biz_id)
        for row in rows
    ]
