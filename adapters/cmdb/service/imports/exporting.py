"""Hosts as a file that can be imported again."""

import asyncio
import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.cmdb.service.attributes.repository import AttributeRepository
from adapters.cmdb.service.errors import ParameterWrong
from adapters.cmdb.service.fields import record_of
from adapters.cmdb.service.filters import filter_clause
from adapters.cmdb.service.imports import schemas
from adapters.cmdb.service.imports.sheets.comma_separated import write_csv
from adapters.cmdb.service.imports.values import PLACE
from adapters.cmdb.service.models import NORMAL, RESOURCE_POOL, Host, HostModule, HostSet, Module
from adapters.cmdb.service.repository import InventoryRepository
from kernel.http.signed_only import SignedCaller

MOST_EXPORTED: Final = 100_000
_MEDIA_TYPES: Final[Mapping[str, str]] = {
    "csv": "text/csv",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

Records = Sequence[Mapping[str, Any]]


class HostExport:
    def __init__(self, inventory: InventoryRepository, attributes: AttributeRepository) -> None:
        self._inventory = inventory
        self._attributes = attributes

    async def export(self, session: AsyncSession, _caller: SignedCaller, asked: schemas.ExportHosts) -> Any:
        """Raises ParameterWrong: too many hosts, or an unknown field."""
        known = await self._attributes.fields(session, "host")
        unknown = [name for name in asked.fields if name not in known and name != PLACE]
        if unknown:
            raise ParameterWrong("fields", f"a host has no {', '.join(unknown)}; there are {', '.join(known)}")
        if asked.bk_biz_id is not None:
            await self._inventory.business(session, asked.bk_biz_id)
        statement = select(Host).where(col(Host.bk_biz_id) == (asked.bk_biz_id or RESOURCE_POOL))
        if asked.host_property_filter is not None:
            statement = statement.where(filter_clause(asked.host_property_filter, known, "host_property_filter"))
        if asked.bk_host_ids:
            statement = statement.where(col(Host.bk_host_id).in_(asked.bk_host_ids))
        ordered = statement.order_by(col(Host.bk_host_id)).limit(MOST_EXPORTED + 1)
        hosts = (await session.execute(ordered)).scalars().all()
        if len(hosts) > MOST_EXPORTED:
            raise ParameterWrong("host_property_filter", f"finds more than {MOST_EXPORTED} hosts; narrow it")
        wanted = list(asked.fields) or [*known, PLACE]
        places = await self._places(session, asked.bk_biz_id or RESOURCE_POOL) if PLACE in wanted else {}
        records = [{**record_of(host, known), PLACE: "; ".join(places.get(host.bk_host_id, ()))} for host in hosts]
        content = await asyncio.to_thread(_file, asked.format, wanted, records)
        return {
            "file_name": f"hosts-{asked.bk_biz_id or 'pool'}.{asked.format}",
            "media_type": _MEDIA_TYPES[asked.format],
            "content": base64.b64encode(content).decode(),
            "count": len(records),
        }

    async def _places(self, session: AsyncSession, business_id: int) -> dict[int, list[str]]:
        """Host id → where it stands, as imports name it."""
        names = select(
            col(Module.bk_module_id), col(Module.bk_module_name), col(Module.default), col(HostSet.bk_set_name)
        )
        inside = names.join(HostSet, col(HostSet.bk_set_id) == col(Module.bk_set_id))
        called = {
            module_id: f"{set_name}/{name}" if kind == NORMAL else name
            for module_id, name, kind, set_name in await session.execute(
                inside.where(col(Module.bk_biz_id) == business_id)
            )
        }
        statement = select(col(HostModule.bk_host_id), col(HostModule.bk_module_id))
        found: dict[int, list[str]] = {}
        for host_id, module_id in await session.execute(statement.where(col(HostModule.bk_biz_id) == business_id)):
            found.setdefault(host_id, []).append(called[module_id])
        return found


def _file(file_format: str, wanted: Sequence[str], records: Records) -> bytes:
    if file_format == "json":
        narrowed = [{name: record[name] for name in wanted} for record in records]
        return json.dumps(narrowed, ensure_ascii=False, indent=1).encode()
    if file_format == "csv":
        return write_csv(wanted, _lines(wanted, records))
    from adapters.cmdb.service.imports.sheets.workbook import (  # noqa: PLC0415  openpyxl takes long to load
        write_workbook,
    )

    return write_workbook(wanted, _lines(wanted, records))


def _lines(wanted: Sequence[str], records: Records) -> Iterator[list[Any]]:
    for record in records:
        yield [_cell(record[name]) for name in wanted]


def _cell(value: Any) -> Any:
    """Several ids stand in one cell, as imports read them."""
    return ";".join(map(str, value)) if isinstance(value, list) else value
