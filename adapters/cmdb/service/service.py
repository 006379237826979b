"""What the inventory answers: searches, lists and trees. Changes nothing."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.cmdb.service import fields, schemas
from adapters.cmdb.service.attributes.built_in import OBJECTS
from adapters.cmdb.service.attributes.repository import AttributeRepository
from adapters.cmdb.service.fields import record_of
from adapters.cmdb.service.filters import comparison_clause, condition_clause, filter_clause
from adapters.cmdb.service.host_search import host_clause, in_place
from adapters.cmdb.service.models import NORMAL, RESOURCE_POOL, Business, Host, HostModule, HostSet, Module
from adapters.cmdb.service.paging import HOSTS_LIMIT, OBJECTS_LIMIT, paged
from adapters.cmdb.service.repository import InventoryRepository
from kernel.http.signed_only import SignedCaller

_SETS = 1
_MODULES = 2


class InventoryService:
    def __init__(self, repository: InventoryRepository, attributes: AttributeRepository) -> None:
        self._repository = repository
        self._attributes = attributes

    async def search_business(self, session: AsyncSession, _caller: SignedCaller, asked: schemas.SearchBusiness) -> Any:
        known = await self._attributes.fields(session, "biz")
        statement = select(Business).where(condition_clause(asked.condition, known, "condition"))
        if asked.biz_property_filter is not None:
            statement = statement.where(filter_clause(asked.biz_property_filter, known, "biz_property_filter"))
        return await self._found(session, statement, asked.page, asked.fields, known, "bk_biz_id")

    async def search_set(self, session: AsyncSession, _caller: SignedCaller, asked: schemas.SearchSet) -> Any:
        await self._repository.business(session, asked.bk_biz_id)
        known = await self._attributes.fields(session, "set")
        clause = condition_clause(asked.condition, known, "condition")
        statement = select(HostSet).where(col(HostSet.bk_biz_id) == asked.bk_biz_id, clause)
        return await self._found(session, statement, asked.page, asked.fields, known, "bk_set_id")

    async def search_module(self, session: AsyncSession, _caller: SignedCaller, asked: schemas.SearchModule) -> Any:
        await self._repository.business(session, asked.bk_biz_id)
        known = await self._attributes.fields(session, "module")
        clause = condition_clause(asked.condition, known, "condition")
        statement = select(Module).where(col(Module.bk_biz_id) == asked.bk_biz_id, clause)
        if asked.bk_set_id is not None:
            statement = statement.where(col(Module.bk_set_id) == asked.bk_set_id)
        return await self._found(session, statement, asked.page, asked.fields, known, "bk_module_id")

    async def list_biz_hosts(
        self, session: AsyncSession, _caller: SignedCaller, asked: schemas.ListBusinessHosts
    ) -> Any:
        await self._repository.business(session, asked.bk_biz_id)
        known = await self._attributes.fields(session, "host")
        statement = _hosts(asked, known).where(col(Host.bk_biz_id) == asked.bk_biz_id)
        places = await self._places(session, asked)
        if places:
            inside = select(col(HostModule.bk_host_id)).where(col(HostModule.bk_biz_id) == asked.bk_biz_id, *places)
            statement = statement.where(col(Host.bk_host_id).in_(inside))
        return await self._found_hosts(session, statement, asked, known)

    async def list_hosts_without_biz(
        self, session: AsyncSession, _caller: SignedCaller, asked: schemas.ListHosts
    ) -> Any:
        known = await self._attributes.fields(session, "host")
        return await self._found_hosts(session, _hosts(asked, known), asked, known)

    async def list_resource_pool_hosts(
        self, session: AsyncSession, _caller: SignedCaller, asked: schemas.ListHosts
    ) -> Any:
        known = await self._attributes.fields(session, "host")
        statement = _hosts(asked, known).where(col(Host.bk_biz_id) == RESOURCE_POOL)
        return await self._found_hosts(session, statement, asked, known)

    async def search_host(self, session: AsyncSession, _caller: SignedCaller, asked: schemas.SearchHost) -> Any:
        known = {name: await self._attributes.fields(session, name) for name in OBJECTS}
        statement = select(Host).where(host_clause(asked, known))
        page = paged(statement, asked.page, known["host"], "bk_host_id", HOSTS_LIMIT)
        count, rows = await self._repository.page(session, statement, page)
        return {"count": count, "info": await in_place(session, rows, asked.condition, known)}

    async def list_biz_hosts_topo(
        self, session: AsyncSession, _caller: SignedCaller, asked: schemas.ListBusinessHostsTopo
    ) -> Any:
        await self._repository.business(session, asked.bk_biz_id)
        known = await self._attributes.fields(session, "host")
        statement = _hosts(asked, known).where(col(Host.bk_biz_id) == asked.bk_biz_id)
        page = paged(statement, asked.page, known, "bk_host_id", HOSTS_LIMIT)
        count, rows = await self._repository.page(session, statement, page)
        topo = await self._topo_of(session, [row.bk_host_id for row in rows])
        info = [{"host": record_of(row, known, asked.fields), "topo": topo.get(row.bk_host_id, [])} for row in rows]
        return {"count": count, "info": info}

    async def find_host_topo_relation(
        self, session: AsyncSession, _caller: SignedCaller, asked: schemas.FindTopologyRelation
    ) -> Any:
        await self._repository.business(session, asked.bk_biz_id)
        statement = select(HostModule).where(col(HostModule.bk_biz_id) == asked.bk_biz_id)
        for column, ids in (
            (HostModule.bk_set_id, asked.bk_set_ids),
            (HostModule.bk_module_id, asked.bk_module_ids),
            (HostModule.bk_host_id, asked.bk_host_ids),
        ):
            if ids is not None:
                statement = statement.where(col(column).in_(ids))
        page = paged(statement, asked.page, fields.RELATION, "bk_host_id", OBJECTS_LIMIT)
        count, rows = await self._repository.page(session, statement, page.order_by(col(HostModule.bk_module_id)))
        return {"count": count, "info": [record_of(row, fields.RELATION) for row in rows], "page": asked.page}

    async def get_biz_internal_module(
        self, session: AsyncSession, _caller: SignedCaller, asked: schemas.OfBusiness
    ) -> Any:
        await self._repository.business(session, asked.bk_biz_id)
        internal = await self._repository.internal_set(session, asked.bk_biz_id)
        modules = await self._repository.modules(session, col(Module.bk_set_id) == internal.bk_set_id)
        return {
            "bk_set_id": internal.bk_set_id,
            "bk_set_name": internal.bk_set_name,
            "module": [{**_module_name(module), "default": module.default} for module in modules],
        }

    async def search_biz_inst_topo(
        self, session: AsyncSession, _caller: SignedCaller, asked: schemas.SearchTopology
    ) -> Any:
        business = await self._repository.business(session, asked.bk_biz_id)
        depth = _MODULES if asked.level < 0 else asked.level
        sets = await self._repository.sets(session, asked.bk_biz_id) if depth >= _SETS else []
        modules: Sequence[Module] = []
        if depth >= _MODULES:
            normal = (col(Module.bk_biz_id) == asked.bk_biz_id, col(Module.default) == NORMAL)
            modules = await self._repository.modules(session, *normal)
        children = [
            _node("set", "Set", one.bk_set_id, one.bk_set_name, _module_nodes(modules, one.bk_set_id)) for one in sets
        ]
        return [_node("biz", "Business", business.bk_biz_id, business.bk_biz_name, children)]

    async def _found_hosts(
        self, session: AsyncSession, statement: Select[Any], asked: schemas.ListHosts, known: fields.Fields
    ) -> Any:
        return await self._found(session, statement, asked.page, asked.fields, known, "bk_host_id", most=HOSTS_LIMIT)

    async def _places(self, session: AsyncSession, asked: schemas.ListBusinessHosts) -> list[ColumnElement[bool]]:
        of_set = await self._attributes.fields(session, "set") if asked.set_cond else {}
        of_module = await self._attributes.fields(session, "module") if asked.module_cond else {}
        return _places(asked, of_set, of_module)

    async def _found(
        self,
        session: AsyncSession,
        statement: Select[Any],
        page: schemas.Page,
        wanted: Iterable[str],
        known: fields.Fields,
        id_field: str,
        *,
        most: int = OBJECTS_LIMIT,
    ) -> Any:
        narrowed = paged(statement, page, known, id_field, most)
        count, rows = await self._repository.page(session, statement, narrowed)
        return {"count": count, "info": [record_of(row, known, wanted) for row in rows]}

    async def _topo_of(self, session: AsyncSession, host_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
        relations = await self._repository.relations(session, host_ids)
        module_ids = {relation.bk_module_id for relation in relations}
        modules = await self._repository.modules(session, col(Module.bk_module_id).in_(module_ids))
        by_id = {module.bk_module_id: module for module in modules}
        statement = select(HostSet).where(col(HostSet.bk_set_id).in_({relation.bk_set_id for relation in relations}))
        names = {one.bk_set_id: one.bk_set_name for one in (await session.execute(statement)).scalars()}
        found: dict[int, dict[int, dict[str, Any]]] = {}
        for relation in sorted(relations, key=lambda one: (one.bk_set_id, one.bk_module_id)):
            empty = {"bk_set_id": relation.bk_set_id, "bk_set_name": names[relation.bk_set_id], "module": []}
            place = found.setdefault(relation.bk_host_id, {}).setdefault(relation.bk_set_id, empty)
            place["module"].append(_module_name(by_id[relation.bk_module_id]))
        return {host_id: list(sets.values()) for host_id, sets in found.items()}


def _hosts(asked: schemas.ListHosts, known: fields.Fields) -> Select[Any]:
    statement = select(Host)
    if asked.host_property_filter is None:
        return statement
    return statement.where(filter_clause(asked.host_property_filter, known, "host_property_filter"))


def _places(
    asked: schemas.ListBusinessHosts, of_set: fields.Fields, of_module: fields.Fields
) -> list[ColumnElement[bool]]:
    places: list[ColumnElement[bool]] = []
    if asked.bk_set_ids is not None:
        places.append(col(HostModule.bk_set_id).in_(asked.bk_set_ids))
    if asked.bk_module_ids is not None:
        places.append(col(HostModule.bk_module_id).in_(asked.bk_module_ids))
    for index, one in enumerate(asked.set_cond):
        clause = comparison_clause(of_set, one.field, one.operator, one.value, f"set_cond.{index}")
        places.append(col(HostModule.bk_set_id).in_(select(col(HostSet.bk_set_id)).where(clause)))
    for index, one in enumerate(asked.module_cond):
        clause = comparison_clause(of_module, one.field, one.operator, one.value, f"module_cond.{index}")
        places.append(col(HostModule.bk_module_id).in_(select(col(Module.bk_module_id)).where(clause)))
    return places


def _module_name(module: Module) -> dict[str, Any]:
    return {"bk_module_id": module.bk_module_id, "bk_module_name": module.bk_module_name}


def _module_nodes(modules: Iterable[Module], set_id: int) -> list[dict[str, Any]]:
    return [
        _node("module", "Module", module.bk_module_id, module.bk_module_name, [])
        for module in modules
        if module.bk_set_id == set_id
    ]


def _node(kind: str, label: str, instance: int, name: str, child: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "bk_obj_id": kind,
        "bk_obj_name": label,
        "bk_inst_id": instance,
        "bk_inst_name": name,
        "default": 0,
        "child": child,
    }
