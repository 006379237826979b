"""Moving hosts between modules.

A host stands either in exactly one internal module (idle, fault, recycle) or in one or more normal modules of one
business.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.cmdb.service import schemas
from adapters.cmdb.service.change_log import ChangeLog
from adapters.cmdb.service.errors import Missing, TransferRefused
from adapters.cmdb.service.models import FAULT, IDLE, NORMAL, RECYCLE, RESOURCE_POOL, Host, HostModule, Module, relation
from adapters.cmdb.service.repository import InventoryRepository
from kernel.http.signed_only import SignedCaller


class HostTransfers:
    def __init__(self, repository: InventoryRepository, log: ChangeLog) -> None:
        self._repository = repository
        self._log = log

    async def transfer_host_module(
        self, session: AsyncSession, caller: SignedCaller, asked: schemas.TransferHostModule
    ) -> Any:
        modules = await self._modules(session, asked.bk_biz_id, asked.bk_module_id)
        if len(modules) > 1 and any(module.default != NORMAL for module in modules):
            raise TransferRefused("An internal module (idle, fault, recycle) can't be combined with another module")
        hosts = await self._named(session, asked)
        await self._move(session, caller, hosts, modules, add=asked.is_increment and modules[0].default == NORMAL)
        return {}

    async def to_idle(self, session: AsyncSession, caller: SignedCaller, asked: schemas.MoveHosts) -> Any:
        return await self._to_internal(session, caller, asked, IDLE)

    async def to_fault(self, session: AsyncSession, caller: SignedCaller, asked: schemas.MoveHosts) -> Any:
        return await self._to_internal(session, caller, asked, FAULT)

    async def to_recycle(self, session: AsyncSession, caller: SignedCaller, asked: schemas.MoveHosts) -> Any:
        return await self._to_internal(session, caller, asked, RECYCLE)

    async def from_resource_to_idle(
        self, session: AsyncSession, caller: SignedCaller, asked: schemas.TransferHosts
    ) -> Any:
        await self._repository.business(session, asked.bk_biz_id)
        idle = await self._repository.internal_module(session, asked.bk_biz_id, IDLE)
        hosts = await self._hosts(session, asked.bk_host_id, RESOURCE_POOL)
        for host in hosts:
            host.bk_biz_id = asked.bk_biz_id
        await self._move(session, caller, hosts, [idle], add=False)
        return {}

    async def to_resource(self, session: AsyncSession, caller: SignedCaller, asked: schemas.TransferHosts) -> Any:
        """Out of the business; only from its idle module."""
        hosts = await self._hosts(session, asked.bk_host_id, asked.bk_biz_id)
        await self._require_idle(session, asked.bk_biz_id, asked.bk_host_id)
        for host in hosts:
            host.bk_biz_id = RESOURCE_POOL
        await self._move(session, caller, hosts, [], add=False)
        return {}

    async def across_businesses(
        self, session: AsyncSession, caller: SignedCaller, asked: schemas.TransferAcrossBusinesses
    ) -> Any:
        """From the idle module of one business to an internal module of another."""
        (module,) = await self._modules(session, asked.dst_bk_biz_id, [asked.bk_module_id])
        if module.default == NORMAL:
            raise TransferRefused(f"Module {asked.bk_module_id} is none of the idle, fault and recycle modules")
        hosts = await self._hosts(session, asked.bk_host_id, asked.src_bk_biz_id)
        await self._require_idle(session, asked.src_bk_biz_id, asked.bk_host_id)
        for host in hosts:
            host.bk_biz_id = asked.dst_bk_biz_id
        await self._move(session, caller, hosts, [module], add=False)
        return {}

    async def set_to_idle(self, session: AsyncSession, caller: SignedCaller, asked: schemas.TransferSetToIdle) -> Any:
        """Every host of a module, or of all modules of a set."""
        await self._repository.set_of(session, asked.bk_biz_id, asked.bk_set_id)
        inside = col(HostModule.bk_set_id) == asked.bk_set_id
        if asked.bk_module_id is not None:
            await self._repository.module_of(session, asked.bk_biz_id, asked.bk_set_id, asked.bk_module_id)
            inside = col(HostModule.bk_module_id) == asked.bk_module_id
        found = set((await session.execute(select(col(HostModule.bk_host_id)).where(inside))).scalars())
        if found:
            idle = await self._repository.internal_module(session, asked.bk_biz_id, IDLE)
            hosts = await self._hosts(session, sorted(found), asked.bk_biz_id)
            await self._move(session, caller, hosts, [idle], add=False)
        return {}

    async def _to_internal(
        self, session: AsyncSession, caller: SignedCaller, asked: schemas.MoveHosts, kind: int
    ) -> Any:
        await self._repository.business(session, asked.bk_biz_id)
        module = await self._repository.internal_module(session, asked.bk_biz_id, kind)
        hosts = await self._named(session, asked)
        await self._move(session, caller, hosts, [module], add=False)
        return {}

    async def _require_idle(self, session: AsyncSession, business_id: int, host_ids: list[int]) -> None:
        await self._repository.business(session, business_id)
        idle = await self._repository.internal_module(session, business_id, IDLE)
        relations = await self._repository.relations(session, host_ids)
        busy = sorted({one.bk_host_id for one in relations if one.bk_module_id != idle.bk_module_id})
        if busy:
            raise TransferRefused(f"Only idle hosts leave a business; not idle: {_listed(busy)}")

    async def _modules(self, session: AsyncSession, business_id: int, module_ids: list[int]) -> Sequence[Module]:
        await self._repository.business(session, business_id)
        wanted = set(module_ids)
        found = await self._repository.modules(
            session, col(Module.bk_module_id).in_(wanted), col(Module.bk_biz_id) == business_id
        )
        missing = wanted - {module.bk_module_id for module in found}
        if missing:
            raise Missing(f"Business {business_id} has no module {_listed(missing)}")
        return found

    async def _named(self, session: AsyncSession, asked: schemas.MoveHosts) -> list[Host]:
        ids = await self._repository.named_ids(session, asked, asked.bk_host_id, asked.bk_biz_id)
        return await self._hosts(session, ids, asked.bk_biz_id)

    async def _hosts(self, session: AsyncSession, host_ids: list[int], business_id: int) -> list[Host]:
        hosts = await self._repository.hosts_for_change(session, host_ids)
        strangers = [host.bk_host_id for host in hosts if host.bk_biz_id != business_id]
        if strangers:
            where = f"in business {business_id}" if business_id else "in the resource pool"
            raise TransferRefused(f"Not {where}: host {_listed(strangers)}")
        return hosts

    async def _move(
        self, session: AsyncSession, caller: SignedCaller, hosts: list[Host], modules: Sequence[Module], *, add: bool
    ) -> None:
        before = await self._places(session, [host.bk_host_id for host in hosts])
        internal = {one.bk_module_id for one in await self._internal(session, hosts)}
        await self._repository.leave(session, before)
        for host in hosts:
            was = before[host.bk_host_id]
            stays = {one.bk_module_id for one in was if add and one.bk_module_id not in internal}
            kept = await self._repository.modules(session, col(Module.bk_module_id).in_(stays)) if stays else []
            stands = {module.bk_module_id: module for module in (*kept, *modules)}
            after = [relation(host.bk_host_id, module) for module in stands.values()]
            session.add_all(after)
            self._log.moved(session, caller, host, was, after)
        await session.flush()

    async def _places(self, session: AsyncSession, host_ids: list[int]) -> dict[int, list[HostModule]]:
        places: dict[int, list[HostModule]] = {host_id: [] for host_id in host_ids}
        for place in await self._repository.relations(session, host_ids):
            session.expunge(place)  # its row may be written anew
            places[place.bk_host_id].append(place)
        return places

    async def _internal(self, session: AsyncSession, hosts: list[Host]) -> Sequence[Module]:
        businesses = {host.bk_biz_id for host in hosts}
        return await self._repository.modules(
            session, col(Module.bk_biz_id).in_(businesses), col(Module.default) != NORMAL
        )


def _listed(ids: Iterable[int]) -> str:
    return ", ".join(str(one) for one in sorted(ids))
