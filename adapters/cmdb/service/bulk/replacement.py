"""New hosts in the place of broken ones."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.cmdb.service import schemas as single
from adapters.cmdb.service.attributes.repository import AttributeRepository
from adapters.cmdb.service.bulk import schemas
from adapters.cmdb.service.changes import InventoryChanges
from adapters.cmdb.service.errors import ParameterWrong, TransferRefused
from adapters.cmdb.service.fields import record_of
from adapters.cmdb.service.models import NORMAL, Host, Module
from adapters.cmdb.service.repository import InventoryRepository
from adapters.cmdb.service.transfers import HostTransfers
from kernel.host_addresses import split_addresses
from kernel.http.signed_only import SignedCaller

_SAID_BY_PEOPLE: Final = ("operator", "bk_bak_operator", "bk_comment")
"""What stays true of the place when another machine stands in it."""


class HostReplacement:
    def __init__(
        self,
        repository: InventoryRepository,
        attributes: AttributeRepository,
        changes: InventoryChanges,
        transfers: HostTransfers,
    ) -> None:
        self._repository = repository
        self._attributes = attributes
        self._changes = changes
        self._transfers = transfers

    async def replace_fault_hosts(
        self, session: AsyncSession, caller: SignedCaller, asked: schemas.ReplaceFaultHosts
    ) -> Any:
        """Each new host is added to the modules of the broken one, which goes to the fault module; all or none."""
        pairs = await self._pairs(session, asked)
        modules = {fault.bk_host_id: await self._modules_of(session, fault) for fault, _ in pairs}
        if asked.copy_attributes:
            await self._copy(session, caller, pairs)
        gone = single.MoveHosts(bk_biz_id=asked.bk_biz_id, bk_host_id=[fault.bk_host_id for fault, _ in pairs])
        await self._transfers.to_fault(session, caller, gone)
        for fault, new in pairs:
            placed = single.TransferHostModule(
                bk_biz_id=asked.bk_biz_id,
                bk_host_id=[new.bk_host_id],
                bk_module_id=modules[fault.bk_host_id],
                is_increment=True,
            )
            await self._transfers.transfer_host_module(session, caller, placed)
        return {"bk_host_ids": [new.bk_host_id for _, new in pairs]}

    async def _pairs(self, session: AsyncSession, asked: schemas.ReplaceFaultHosts) -> list[tuple[Host, Host]]:
        addresses = [
            split_addresses(address)[0] for one in asked.replacements for address in (one.cc_fault_ip, one.cc_new_ip)
        ]
        twice = next((address for address in addresses if addresses.count(address) > 1), None)
        if twice is not None:
            raise ParameterWrong("replacements", f"{twice[1]} stands there twice")
        ids = await self._repository.ids_at(session, asked.bk_biz_id, addresses)
        hosts = {host.bk_host_id: host for host in await self._repository.hosts_for_change(session, ids.values())}
        found = [hosts[ids[address]] for address in addresses]
        return list(zip(found[::2], found[1::2], strict=True))

    async def _modules_of(self, session: AsyncSession, host: Host) -> list[int]:
        relations = await self._repository.relations(session, [host.bk_host_id])
        inside = col(Module.bk_module_id).in_({one.bk_module_id for one in relations})
        modules = await self._repository.modules(session, inside, col(Module.default) == NORMAL)
        if not modules:
            raise TransferRefused(f"{host.bk_host_innerip} stands in no module but idle, fault or recycle")
        return [module.bk_module_id for module in modules]

    async def _copy(self, session: AsyncSession, caller: SignedCaller, pairs: list[tuple[Host, Host]]) -> None:
        known = await self._attributes.fields(session, "host")
        names = [name for name, field in known.items() if field.custom_key is not None or name in _SAID_BY_PEOPLE]
        told = [(new, _told(record_of(fault, known, names))) for fault, new in pairs]
        update = [
            single.HostChange(bk_host_id=new.bk_host_id, properties=single.HostProperties(**values))
            for new, values in told
            if values
        ]
        if update:
            await self._changes.batch_update_host(session, caller, single.BatchUpdateHost(update=update))


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "")}
