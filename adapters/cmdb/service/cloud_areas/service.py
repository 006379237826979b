"""Cloud areas: networks in which an address names one host."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.cmdb.service import fields
from adapters.cmdb.service.attributes.references import ReferenceGuard
from adapters.cmdb.service.change_log import ChangeLog
from adapters.cmdb.service.cloud_areas import schemas
from adapters.cmdb.service.errors import InUse, Missing
from adapters.cmdb.service.filters import condition_clause
from adapters.cmdb.service.models import CloudArea, Host
from adapters.cmdb.service.paging import OBJECTS_LIMIT, paged
from adapters.cmdb.service.repository import InventoryRepository
from kernel.clock import Clock
from kernel.http.signed_only import SignedCaller


class CloudAreaService:
    def __init__(
        self, repository: InventoryRepository, references: ReferenceGuard, log: ChangeLog, clock: Clock
    ) -> None:
        self._repository = repository
        self._references = references
        self._log = log
        self._clock = clock

    async def search(self, session: AsyncSession, _caller: SignedCaller, asked: schemas.SearchCloudArea) -> Any:
        statement = select(CloudArea).where(condition_clause(asked.condition, fields.CLOUD_AREA, "condition"))
        page = paged(statement, asked.page, fields.CLOUD_AREA, "bk_cloud_id", OBJECTS_LIMIT)
        count, rows = await self._repository.page(session, statement, page)
        return {"count": count, "info": [fields.record_of(row, fields.CLOUD_AREA, asked.fields) for row in rows]}

    async def create(self, session: AsyncSession, caller: SignedCaller, asked: schemas.CreateCloudArea) -> Any:
        now = self._clock.now()
        area = CloudArea(bk_cloud_name=asked.bk_cloud_name, create_time=now, last_time=now)
        await self._repository.add(session, [area], _taken(asked.bk_cloud_name))
        await self._log.created(session, caller, "plat", [area])
        return {"created": {"origin_index": 0, "id": area.bk_cloud_id}}

    async def rename(self, session: AsyncSession, caller: SignedCaller, asked: schemas.UpdateCloudArea) -> Any:
        area = await self._area(session, asked.bk_cloud_id)
        before = {"bk_cloud_name": area.bk_cloud_name}
        area.bk_cloud_name, area.last_time = asked.bk_cloud_name, self._clock.now()
        await self._repository.flush(session, _taken(asked.bk_cloud_name))
        await self._log.updated(session, caller, "plat", [(area, before)])
        return {}

    async def delete(self, session: AsyncSession, caller: SignedCaller, asked: schemas.OfCloudArea) -> Any:
        """Raises InUse while a host is in it, or something refers to it."""
        area = await self._area(session, asked.bk_cloud_id)
        inside = select(col(Host.bk_host_id)).where(col(Host.bk_cloud_id) == area.bk_cloud_id).limit(1)
        if (host := (await session.execute(inside)).scalar_one_or_none()) is not None:
            raise InUse(f"Cloud area {area.bk_cloud_id} has hosts, host {host} among them; remove them first")
        await self._references.refuse_referred(session, "plat", [area.bk_cloud_id])
        await self._log.deleted(session, caller, "plat", area)
        await session.delete(area)
        return {}

    async def _area(self, session: AsyncSession, area_id: int) -> CloudArea:
        found = await session.get(CloudArea, area_id, with_for_update=True)
        if found is None:
            raise Missing(f"There is no cloud area {area_id}")
        return found


def _taken(name: str) -> str:
    return f"The cloud area name {name} is taken"
