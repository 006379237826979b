"""Reads and writes rows of the inventory."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, delete, func, inspect, select, text, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from adapters.cmdb.service.errors import Duplicate, Missing, ParameterWrong
from adapters.cmdb.service.models import Business, CloudArea, Host, HostModule, HostSet, Module
from adapters.cmdb.service.schemas import ByAddress
from kernel.host_addresses import split_addresses

Row = TypeVar("Row", bound=SQLModel)
_FEW = 500
_ALONE = text("SET LOCAL max_parallel_workers_per_gather = 0")
"""PostgreSQL would start processes for what takes one process less time than starting them."""


class InventoryRepository:
    async def page(
        self, session: AsyncSession, statement: Select[Any], paged: Select[Any]
    ) -> tuple[int, Sequence[Any]]:
        """How many rows a statement has, and those of one page of it.

        Where few rows are found, a filter is gone through once: for their keys, among which the page is looked for.
        Where many are, looking for the page ends early, and only counting goes through all.
        """
        if session.get_bind().dialect.name == "postgresql":
            await session.execute(_ALONE)
        keys = inspect(statement.column_descriptions[0]["entity"]).primary_key
        if len(keys) == 1:
            found = (await session.execute(statement.with_only_columns(keys[0]).limit(_FEW + 1))).scalars().all()
            if len(found) <= _FEW:
                return len(found), await self._among(session, paged, keys[0], found)
        count = (await session.execute(select(func.count()).select_from(statement.subquery()))).scalar_one()
        return count, (await session.execute(paged)).scalars().all()

    async def _among(
        self, session: AsyncSession, paged: Select[Any], key: ColumnElement[Any], found: Sequence[Any]
    ) -> Sequence[Any]:
        return (await session.execute(paged.where(key.in_(found)))).scalars().all() if found else []

    async def business(self, session: AsyncSession, business_id: int) -> Business:
        found = await session.get(Business, business_id)
        if found is None:
            raise Missing(f"There is no business {business_id}")
        return found

    async def set_of(self, session: AsyncSession, business_id: int, set_id: int) -> HostSet:
        found = await session.get(HostSet, set_id)
        if found is None or found.bk_biz_id != business_id:
            raise Missing(f"Business {business_id} has no set {set_id}")
        return found

    async def internal_set(self, session: AsyncSession, business_id: int) -> HostSet:
        statement = select(HostSet).where(col(HostSet.bk_biz_id) == business_id, col(HostSet.default) == 1)
        return (await session.execute(statement)).scalar_one()

    async def sets(self, session: AsyncSession, business_id: int) -> Sequence[HostSet]:
        """The normal sets."""
        statement = select(HostSet).where(col(HostSet.bk_biz_id) == business_id, col(HostSet.default) == 0)
        return (await session.execute(statement.order_by(col(HostSet.bk_set_id)))).scalars().all()

    async def modules(self, session: AsyncSession, *where: ColumnElement[bool]) -> Sequence[Module]:
        return (await session.execute(select(Module).where(*where).order_by(col(Module.bk_module_id)))).scalars().all()

    async def module_of(self, session: AsyncSession, business_id: int, set_id: int, module_id: int) -> Module:
        found = await session.get(Module, module_id)
        if found is None or (found.bk_biz_id, found.bk_set_id) != (business_id, set_id):
            raise Missing(f"Set {set_id} of business {business_id} has no module {module_id}")
        return found

    async def internal_module(self, session: AsyncSession, business_id: int, kind: int) -> Module:
        (found,) = await self.modules(session, col(Module.bk_biz_id) == business_id, col(Module.default) == kind)
        return found

    async def hosts_for_change(self, session: AsyncSession, host_ids: Iterable[int]) -> list[Host]:
        """The hosts, kept from others' changes until the unit of work ends.

        Raises:
            Missing: naming the ids that don't exist.
        """
        wanted = sorted(set(host_ids))
        statement = select(Host).where(col(Host.bk_host_id).in_(wanted)).order_by(col(Host.bk_host_id))
        found = list((await session.execute(statement.with_for_update())).scalars())
        missing = set(wanted) - {host.bk_host_id for host in found}
        if missing:
            raise Missing(f"There is no host {', '.join(str(host_id) for host_id in sorted(missing))}")
        return found

    async def named_ids(
        self, session: AsyncSession, asked: ByAddress, host_ids: list[int], business_id: int | None
    ) -> list[int]:
        """The ids that were given, or those of the hosts of a business at the addresses that were.

        Raises:
            Missing: naming the addresses at which the business has no host.
        """
        if host_ids:
            return host_ids
        wanted = set(split_addresses(asked.bk_host_innerip))
        if not wanted:
            raise ParameterWrong("bk_host_id", "name hosts by their ids, or by bk_host_innerip")
        if len(wanted) > _FEW:
            raise ParameterWrong("bk_host_innerip", f"{len(wanted)} hosts are more than {_FEW}")
        if business_id is None:
            raise ParameterWrong("bk_biz_id", "an address says which host only within a business")
        return sorted((await self.ids_at(session, business_id, wanted)).values())

    async def ids_at(
        self, session: AsyncSession, business_id: int, addresses: Iterable[tuple[int, str]]
    ) -> dict[tuple[int, str], int]:
        """Cloud area and address → id, of hosts of a business.

        Raises:
            Missing: naming the addresses at which the business has no host.
        """
        wanted = set(addresses)
        place = tuple_(col(Host.bk_cloud_id), col(Host.bk_host_innerip)).in_(list(wanted))
        rows = await session.execute(select(Host).where(place, col(Host.bk_biz_id) == business_id))
        found = {(host.bk_cloud_id, host.bk_host_innerip): host.bk_host_id for host in rows.scalars()}
        if missing := sorted(wanted - found.keys()):
            named = ", ".join(f"{area}:{address}" if area else address for area, address in missing)
            raise Missing(f"Business {business_id} has no host at {named}")
        return found

    async def host_at(self, session: AsyncSession, cloud_id: int, address: str) -> Host | None:
        statement = select(Host).where(col(Host.bk_cloud_id) == cloud_id, col(Host.bk_host_innerip) == address)
        return (await session.execute(statement)).scalar_one_or_none()

    async def refuse_unknown_areas(self, session: AsyncSession, area_ids: Iterable[int]) -> None:
        """Keeps the cloud areas from being deleted until the unit of work ends; raises Missing for an unknown one."""
        wanted = set(area_ids)
        statement = select(CloudArea).where(col(CloudArea.bk_cloud_id).in_(wanted)).with_for_update(read=True)
        found = {area.bk_cloud_id for area in (await session.execute(statement)).scalars()}
        if wanted - found:
            raise Missing(f"There is no cloud area {', '.join(str(each) for each in sorted(wanted - found))}")

    async def relations(self, session: AsyncSession, host_ids: Iterable[int]) -> Sequence[HostModule]:
        statement = select(HostModule).where(col(HostModule.bk_host_id).in_(list(host_ids)))
        return (await session.execute(statement)).scalars().all()

    async def leave(self, session: AsyncSession, host_ids: Iterable[int]) -> None:
        """Takes hosts out of every module."""
        await session.execute(delete(HostModule).where(col(HostModule.bk_host_id).in_(list(host_ids))))

    async def add(self, session: AsyncSession, rows: Sequence[Row], duplicate: str) -> Sequence[Row]:
        """New rows, with their ids.

        Raises:
            Duplicate: a unique field is taken; with the given text.
        """
        session.add_all(rows)
        await self.flush(session, duplicate)
        return rows

    async def flush(self, session: AsyncSession, duplicate: str) -> None:
        """Raises Duplicate with the given text when a unique field is taken."""
        try:
            await session.flush()
        except IntegrityError:
            raise Duplicate(duplicate) from None
