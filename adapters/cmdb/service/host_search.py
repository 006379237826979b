"""The first version of searching hosts: by address, and by conditions on the objects a host stands in."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from adapters.cmdb.service import fields, schemas
from adapters.cmdb.service.fields import Fields, record_of
from adapters.cmdb.service.filters import OPERATORS, comparison_clause
from adapters.cmdb.service.models import Business, CloudArea, Host, HostModule, HostSet, Module

_BETWEEN: Final = "object"
"""A level of the topology between business and set. There are none, so no host stands in one."""

_SIDES: Final = ("bk_host_innerip", "bk_host_outerip")


def host_clause(asked: schemas.SearchHost, known: Mapping[str, Fields]) -> ColumnElement[bool]:
    """Hosts that meet the address and every condition.

    Raises:
        ParameterWrong: naming the condition.
    """
    clauses: list[ColumnElement[bool]] = [col(Host.bk_host_id).is_not(None)]
    if asked.bk_biz_id is not None:
        clauses.append(col(Host.bk_biz_id) == asked.bk_biz_id)
    if asked.ip.data:
        clauses.append(_address(asked.ip))
    clauses += conditions_on(asked.condition, known, "condition")
    return and_(*clauses)


def conditions_on(
    conditions: Sequence[schemas.ObjectCondition], known: Mapping[str, Fields], where: str
) -> list[ColumnElement[bool]]:
    """What must hold of a host's own fields and of the objects it stands in, a clause each.

    Raises:
        ParameterWrong: naming the condition.
    """
    clauses: list[ColumnElement[bool]] = []
    for number, part in enumerate(conditions):
        if part.condition and part.bk_obj_id == _BETWEEN:
            clauses.append(false())
        elif part.condition:
            met = [
                comparison_clause(
                    known[part.bk_obj_id], one.field, one.operator, one.value, f"{where}.{number}.condition.{place}"
                )
                for place, one in enumerate(part.condition)
            ]
            clauses.append(_INSIDE[part.bk_obj_id](and_(*met)))
    return clauses


def _address(ip: schemas.HostAddresses) -> ColumnElement[bool]:
    sides = [side for side in ip.flag.split("|") if side in _SIDES] or [_SIDES[0]]
    columns = [fields.HOST[side] for side in sides]
    if ip.exact:
        return or_(*(column.column.in_(ip.data) for column in columns))
    contains = OPERATORS["contains"]
    return or_(*(contains(column, part, "ip.data") for column in columns for part in ip.data if part))


def _of_business(met: ColumnElement[bool]) -> ColumnElement[bool]:
    return col(Host.bk_biz_id).in_(select(col(Business.bk_biz_id)).where(met))


def _of_set(met: ColumnElement[bool]) -> ColumnElement[bool]:
    inside = select(col(HostModule.bk_host_id)).join(HostSet, col(HostSet.bk_set_id) == col(HostModule.bk_set_id))
    return col(Host.bk_host_id).in_(inside.where(met))


def _of_module(met: ColumnElement[bool]) -> ColumnElement[bool]:
    inside = select(col(HostModule.bk_host_id)).join(Module, col(Module.bk_module_id) == col(HostModule.bk_module_id))
    return col(Host.bk_host_id).in_(inside.where(met))


_INSIDE: Final[Mapping[str, Callable[[ColumnElement[bool]], ColumnElement[bool]]]] = {
    "biz": _of_business,
    "set": _of_set,
    "module": _of_module,
    "host": lambda met: met,
}


async def in_place(
    session: AsyncSession,
    hosts: Sequence[Host],
    conditions: Iterable[schemas.ObjectCondition],
    known: Mapping[str, Fields],
) -> list[dict[str, Any]]:
    """Each host with its business, sets and modules, with the fields that the conditions ask for."""
    wanted = {part.bk_obj_id: part.fields for part in conditions}
    statement = select(HostModule).where(col(HostModule.bk_host_id).in_([host.bk_host_id for host in hosts]))
    places = list((await session.execute(statement.order_by(col(HostModule.bk_module_id)))).scalars())
    businesses = await _by_id(session, Business, col(Business.bk_biz_id), {host.bk_biz_id for host in hosts})
    sets = await _by_id(session, HostSet, col(HostSet.bk_set_id), {place.bk_set_id for place in places})
    modules = await _by_id(session, Module, col(Module.bk_module_id), {place.bk_module_id for place in places})
    areas = await _by_id(session, CloudArea, col(CloudArea.bk_cloud_id), {host.bk_cloud_id for host in hosts})
    answer = []
    for host in hosts:
        mine = [place for place in places if place.bk_host_id == host.bk_host_id]
        shown = record_of(host, known["host"], wanted.get("host", ()))
        if "bk_cloud_id" in shown:
            shown["bk_cloud_id"] = [_area(areas[host.bk_cloud_id])]
        answer.append(
            {
                "host": shown,
                "biz": [
                    record_of(businesses[key], known["biz"], wanted.get("biz", ()))
                    for key in (host.bk_biz_id,)
                    if key in businesses
                ],
                "set": [
                    record_of(sets[key], known["set"], wanted.get("set", ()))
                    for key in dict.fromkeys(place.bk_set_id for place in mine)
                ],
                "module": [
                    record_of(modules[place.bk_module_id], known["module"], wanted.get("module", ())) for place in mine
                ],
            }
        )
    return answer


async def _by_id(session: AsyncSession, table: type[SQLModel], key: Any, ids: Iterable[int]) -> dict[int, Any]:
    rows = (await session.execute(select(table).where(key.in_(list(ids))))).scalars()
    return {getattr(row, key.key): row for row in rows}


def _area(area: CloudArea) -> dict[str, Any]:
    """A reference to another object, as the first version shows it."""
    return {
        "id": str(area.bk_cloud_id),
        "bk_inst_id": area.bk_cloud_id,
        "bk_inst_name": area.bk_cloud_name,
        "bk_obj_id": "plat",
        "bk_obj_icon": "",
    }
