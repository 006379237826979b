"""Where hosts stand: below a node, by host, and how many."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute
from sqlmodel import SQLModel, col

from adapters.cmdb.service import fields
from adapters.cmdb.service.attributes.built_in import built_in_attributes
from adapters.cmdb.service.attributes.repository import AttributeRepository
from adapters.cmdb.service.errors import Missing
from adapters.cmdb.service.fields import record_of
from adapters.cmdb.service.models import Host, HostModule, HostSet, Module
from adapters.cmdb.service.paging import HOSTS_LIMIT, paged
from adapters.cmdb.service.repository import InventoryRepository
from adapters.cmdb.service.schemas import OfBusiness
from adapters.cmdb.service.topology import schemas
from kernel.http.signed_only import SignedCaller

_NODES: Final[Mapping[str, InstrumentedAttribute[int]]] = {
    "set": HostModule.bk_set_id,  # type: ignore[dict-item]  # a column of the class, which SQLModel types as its value
    "module": HostModule.bk_module_id,  # type: ignore[dict-item]  # as above
}


class TopologyService:
    def __init__(self, repository: InventoryRepository, attributes: AttributeRepository) -> None:
        self._repository = repository
        self._attributes = attributes

    async def find_host_by_topo(
        self, session: AsyncSession, _caller: SignedCaller, asked: schemas.FindHostByTopo
    ) -> Any:
        """Hosts of a set or module, each once."""
        await self._repository.business(session, asked.bk_biz_id)
        known = await self._attributes.fields(session, "host")
        inside = select(col(HostModule.bk_host_id)).where(
            col(HostModule.bk_biz_id) == asked.bk_biz_id, _NODES[asked.bk_obj_id] == asked.bk_inst_id
        )
        statement = select(Host).where(col(Host.bk_host_id).in_(inside))
        page = paged(statement, asked.page, known, "bk_host_id", HOSTS_LIMIT)
        count, rows = await self._repository.page(session, statement, page)
        return {"count": count, "info": [record_of(row, known, asked.fields) for row in rows]}

    async def find_host_biz_relations(
        self, session: AsyncSession, _caller: SignedCaller, asked: schemas.FindHostBizRelations
    ) -> Any:
        statement = select(HostModule).where(col(HostModule.bk_host_id).in_(asked.bk_host_id))
        if asked.bk_biz_id is not None:
            statement = statement.where(col(HostModule.bk_biz_id) == asked.bk_biz_id)
        ordered = statement.order_by(col(HostModule.bk_host_id), col(HostModule.bk_module_id))
        return [record_of(row, fields.RELATION) for row in (await session.execute(ordered)).scalars()]

    async def find_set_batch(self, session: AsyncSession, _caller: SignedCaller, asked: schemas.FindBatch) -> Any:
        own = (col(HostSet.bk_biz_id) == asked.bk_biz_id, col(HostSet.bk_set_id).in_(asked.bk_ids))
        found = (await session.execute(select(HostSet).where(*own).order_by(col(HostSet.bk_set_id)))).scalars().all()
        return await self._records(session, "set", found, asked.fields)

    async def find_module_batch(self, session: AsyncSession, _caller: SignedCaller, asked: schemas.FindBatch) -> Any:
        own = (col(Module.bk_biz_id) == asked.bk_biz_id, col(Module.bk_module_id).in_(asked.bk_ids))
        return await self._records(session, "module", await self._repository.modules(session, *own), asked.fields)

    async def get_host_base_info(self, session: AsyncSession, _caller: SignedCaller, asked: schemas.OfHost) -> Any:
        host = await session.get(Host, asked.bk_host_id)
        if host is None:
            raise Missing(f"There is no host {asked.bk_host_id}")
        names = {each["bk_property_id"]: each["bk_property_name"] for each in built_in_attributes("host")}
        custom = await self._attributes.custom(session, "host")
        names.update({each.bk_property_id: each.bk_property_name for each in custom})
        values = record_of(host, await self._attributes.fields(session, "host"))
        return [
            {"bk_property_id": name, "bk_property_name": names[name], "bk_property_value": value}
            for name, value in values.items()
        ]

    async def count_hosts_by_topo(self, session: AsyncSession, _caller: SignedCaller, asked: OfBusiness) -> Any:
        """Of the business and of each set and module with hosts; a host in several modules counts once in their set."""
        await self._repository.business(session, asked.bk_biz_id)
        in_business = select(func.count()).where(col(Host.bk_biz_id) == asked.bk_biz_id)
        counts = [("biz", asked.bk_biz_id, (await session.execute(in_business)).scalar_one())]
        for kind, column in _NODES.items():
            statement = select(column, func.count(col(HostModule.bk_host_id).distinct()))
            grouped = statement.where(col(HostModule.bk_biz_id) == asked.bk_biz_id).group_by(column).order_by(column)
            counts += [(kind, node, count) for node, count in await session.execute(grouped)]
        return [{"bk_obj_id": kind, "bk_inst_id": node, "host_count": count} for kind, node, count in counts]

    async def _records(
        self, session: AsyncSession, object_id: str, rows: Sequence[SQLModel], wanted: Iterable[str]
    ) -> list[dict[str, Any]]:
        known = await self._attributes.fields(session, object_id)
        return [record_of(row, known, wanted) for row in rows]
