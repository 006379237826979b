"""Several sets or modules made, changed or emptied by one call: all of them, or none."""

from itertools import product
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.cmdb.service import schemas as single
from adapters.cmdb.service.bulk import schemas
from adapters.cmdb.service.changes import InventoryChanges
from adapters.cmdb.service.errors import Missing, ParameterWrong
from adapters.cmdb.service.models import Module
from adapters.cmdb.service.repository import InventoryRepository
from adapters.cmdb.service.transfers import HostTransfers
from kernel.http.signed_only import SignedCaller


class BulkChanges:
    def __init__(self, repository: InventoryRepository, changes: InventoryChanges, transfers: HostTransfers) -> None:
        self._repository = repository
        self._changes = changes
        self._transfers = transfers

    async def batch_create_set(self, session: AsyncSession, caller: SignedCaller, asked: schemas.BatchCreateSet) -> Any:
        made = [
            await self._changes.create_set(session, caller, single.CreateSet(bk_biz_id=asked.bk_biz_id, data=data))
            for data in asked.sets
        ]
        return {"bk_set_ids": [each["bk_set_id"] for each in made], "info": made}

    async def batch_create_module(
        self, session: AsyncSession, caller: SignedCaller, asked: schemas.BatchCreateModule
    ) -> Any:
        """Each of the modules in each of the sets."""
        if len(asked.bk_set_ids) * len(asked.modules) > schemas.MOST:
            raise ParameterWrong("modules", f"would be more than {schemas.MOST}, those of all sets together")
        made = [
            await self._changes.create_module(
                session, caller, single.CreateModule(bk_biz_id=asked.bk_biz_id, bk_set_id=set_id, data=data)
            )
            for set_id, data in product(dict.fromkeys(asked.bk_set_ids), asked.modules)
        ]
        return {"bk_module_ids": [each["bk_module_id"] for each in made], "info": made}

    async def batch_update_module(
        self, session: AsyncSession, caller: SignedCaller, asked: schemas.BatchUpdateModule
    ) -> Any:
        """Each to the same values."""
        wanted = set(asked.bk_module_ids)
        of_business = (col(Module.bk_biz_id) == asked.bk_biz_id, col(Module.bk_module_id).in_(wanted))
        found = await self._repository.modules(session, *of_business)
        if missing := wanted - {module.bk_module_id for module in found}:
            named = ", ".join(str(module_id) for module_id in sorted(missing))
            raise Missing(f"Business {asked.bk_biz_id} has no module {named}")
        for module in found:
            change = single.UpdateModule(
                bk_biz_id=asked.bk_biz_id,
                bk_set_id=module.bk_set_id,
                bk_module_id=module.bk_module_id,
                data=asked.data,
            )
            await self._changes.update_module(session, caller, change)
        return {"bk_module_ids": list(dict.fromkeys(asked.bk_module_ids))}

    async def transfer_sethosts_to_idle_module(
        self, session: AsyncSession, caller: SignedCaller, asked: schemas.TransferSetsToIdle
    ) -> Any:
        for set_id in dict.fromkeys(asked.bk_set_ids):
            emptied = single.TransferSetToIdle(bk_biz_id=asked.bk_biz_id, bk_set_id=set_id)
            await self._transfers.set_to_idle(session, caller, emptied)
        return {"bk_set_ids": list(dict.fromkeys(asked.bk_set_ids))}
