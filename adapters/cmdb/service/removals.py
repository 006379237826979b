"""What callers take out of the inventory. Nothing goes while a host stands in it, or something refers to it."""

from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.cmdb.service import schemas
from adapters.cmdb.service.attributes.references import ReferenceGuard
from adapters.cmdb.service.change_log import ChangeLog
from adapters.cmdb.service.errors import InUse, TransferRefused
from adapters.cmdb.service.models import NORMAL, RESOURCE_POOL, HostModule, Module
from adapters.cmdb.service.repository import InventoryRepository
from kernel.http.signed_only import SignedCaller


class InventoryRemovals:
    def __init__(self, repository: InventoryRepository, references: ReferenceGuard, log: ChangeLog) -> None:
        self._repository = repository
        self._references = references
        self._log = log

    async def delete_set(self, session: AsyncSession, caller: SignedCaller, asked: schemas.DeleteSet) -> Any:
        found = await self._repository.set_of(session, asked.bk_biz_id, asked.bk_set_id)
        if found.default != NORMAL:
            raise InUse("The set of the internal modules stays as long as its business")
        await _refuse_hosts(session, col(HostModule.bk_set_id) == found.bk_set_id, f"Set {found.bk_set_id}")
        modules = await self._repository.modules(session, col(Module.bk_set_id) == found.bk_set_id)
        await self._references.refuse_referred(session, "set", [found.bk_set_id])
        await self._references.refuse_referred(session, "module", [module.bk_module_id for module in modules])
        for module in modules:
            await self._log.deleted(session, caller, "module", module)
        await session.execute(delete(Module).where(col(Module.bk_set_id) == found.bk_set_id))
        await self._log.deleted(session, caller, "set", found)
        await session.delete(found)
        return {}

    async def delete_module(self, session: AsyncSession, caller: SignedCaller, asked: schemas.DeleteModule) -> Any:
        found = await self._repository.module_of(session, asked.bk_biz_id, asked.bk_set_id, asked.bk_module_id)
        if found.default != NORMAL:
            raise InUse("The idle, fault and recycle modules stay as long as their business")
        await _refuse_hosts(session, col(HostModule.bk_module_id) == found.bk_module_id, f"Module {found.bk_module_id}")
        await self._references.refuse_referred(session, "module", [found.bk_module_id])
        await self._log.deleted(session, caller, "module", found)
        await session.delete(found)
        return {}

    async def delete_host(self, session: AsyncSession, caller: SignedCaller, asked: schemas.DeleteHost) -> Any:
        hosts = await self._repository.hosts_for_change(session, asked.bk_host_id)
        owned = [str(host.bk_host_id) for host in hosts if host.bk_biz_id != RESOURCE_POOL]
        if owned:
            raise TransferRefused(
                f"Only hosts in the resource pool are deleted; in a business: host {', '.join(owned)}"
            )
        await self._references.refuse_referred(session, "host", [host.bk_host_id for host in hosts])
        for host in hosts:
            await self._log.deleted(session, caller, "host", host)
            await session.delete(host)
        return {}


async def _refuse_hosts(session: AsyncSession, where: ColumnElement[bool], place: str) -> None:
    statement = select(col(HostModule.bk_host_id)).where(where).limit(1)
    if (host := (await session.execute(statement)).scalar_one_or_none()) is not None:
        raise InUse(f"{place} has hosts, host {host} among them; move them first")
