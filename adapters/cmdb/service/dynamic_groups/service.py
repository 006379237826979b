"""Dynamic groups: conditions that are kept under a name, and asked again and again."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.cmdb.service import fields
from adapters.cmdb.service.attributes.repository import AttributeRepository
from adapters.cmdb.service.dynamic_groups import schemas
from adapters.cmdb.service.dynamic_groups.members import members, members_of
from adapters.cmdb.service.errors import Missing
from adapters.cmdb.service.fields import Fields
from adapters.cmdb.service.filters import condition_clause
from adapters.cmdb.service.models import DynamicGroup
from adapters.cmdb.service.paging import OBJECTS_LIMIT, paged
from adapters.cmdb.service.repository import InventoryRepository
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.http.signed_only import SignedCaller
from kernel.ids import new_id

_PARTS = ("set", "module", "host")
_KEYS = {"host": "bk_host_id", "set": "bk_set_id"}


class DynamicGroupService:
    def __init__(self, repository: InventoryRepository, attributes: AttributeRepository, clock: Clock) -> None:
        self._repository = repository
        self._attributes = attributes
        self._clock = clock

    async def create(self, session: AsyncSession, caller: SignedCaller, asked: schemas.CreateGroup) -> Any:
        await self._repository.business(session, asked.bk_biz_id)
        await self._check(session, asked.bk_biz_id, asked.bk_obj_id, asked.info)
        now = self._clock.now()
        group = DynamicGroup(
            id=new_id(),
            bk_biz_id=asked.bk_biz_id,
            bk_obj_id=asked.bk_obj_id,
            name=asked.name,
            condition=_kept(asked.info),
            create_user=_who(caller),
            modify_user=_who(caller),
            create_time=now,
            last_time=now,
        )
        await self._repository.add(session, [group], _taken(asked.name))
        _record(session, caller, "created", group, after=_facts(group))
        return {"id": group.id}

    async def update(self, session: AsyncSession, caller: SignedCaller, asked: schemas.UpdateGroup) -> Any:
        group = await self._group(session, asked)
        before = _facts(group)
        if asked.info is not None:
            await self._check(session, asked.bk_biz_id, group.bk_obj_id, asked.info)
            group.condition = _kept(asked.info)
        if asked.name is not None:
            group.name = asked.name
        group.modify_user, group.last_time = _who(caller), self._clock.now()
        await self._repository.flush(session, _taken(group.name))
        _record(session, caller, "updated", group, before=before, after=_facts(group))
        return {}

    async def delete(self, session: AsyncSession, caller: SignedCaller, asked: schemas.OfGroup) -> Any:
        group = await self._group(session, asked)
        _record(session, caller, "deleted", group, before=_facts(group))
        await session.delete(group)
        return {}

    async def get(self, session: AsyncSession, _caller: SignedCaller, asked: schemas.OfGroup) -> Any:
        return _shown(await self._group(session, asked))

    async def search(self, session: AsyncSession, _caller: SignedCaller, asked: schemas.SearchGroup) -> Any:
        await self._repository.business(session, asked.bk_biz_id)
        met = condition_clause(asked.condition, fields.DYNAMIC_GROUP, "condition")
        statement = select(DynamicGroup).where(col(DynamicGroup.bk_biz_id) == asked.bk_biz_id, met)
        page = paged(statement, asked.page, fields.DYNAMIC_GROUP, "id", OBJECTS_LIMIT)
        count, rows = await self._repository.page(session, statement, page)
        return {"count": count, "info": [_shown(row) for row in rows]}

    async def execute(self, session: AsyncSession, _caller: SignedCaller, asked: schemas.ExecuteGroup) -> Any:
        """Who belongs to the group now."""
        group = await self._group(session, asked)
        known = await self._known(session)
        statement = members_of(group, known)
        own = known[group.bk_obj_id]
        page = paged(statement, asked.page, own, _KEYS[group.bk_obj_id], OBJECTS_LIMIT)
        count, rows = await self._repository.page(session, statement, page)
        return {"count": count, "info": [fields.record_of(row, own, asked.fields) for row in rows]}

    async def _check(self, session: AsyncSession, business_id: int, object_id: str, info: schemas.GroupInfo) -> None:
        """Raises:
        ParameterWrong: the group could never be asked.
        """
        members(business_id, object_id, info.condition, await self._known(session))

    async def _known(self, session: AsyncSession) -> dict[str, Fields]:
        return {name: await self._attributes.fields(session, name) for name in _PARTS}

    async def _group(self, session: AsyncSession, asked: schemas.OfGroup) -> DynamicGroup:
        found = await session.get(DynamicGroup, asked.id)
        if found is None or found.bk_biz_id != asked.bk_biz_id:
            raise Missing(f"Business {asked.bk_biz_id} has no dynamic group {asked.id}")
        return found


def _kept(info: schemas.GroupInfo) -> list[dict[str, Any]]:
    return [part.model_dump(mode="json") for part in info.condition]


def _who(caller: SignedCaller) -> str:
    return caller.user or caller.app


def _taken(name: str) -> str:
    return f"The business has a dynamic group {name} already"


def _facts(group: DynamicGroup) -> dict[str, Any]:
    return {
        "bk_biz_id": group.bk_biz_id,
        "bk_obj_id": group.bk_obj_id,
        "name": group.name,
        "condition": group.condition,
    }


def _shown(group: DynamicGroup) -> dict[str, Any]:
    return {**fields.record_of(group, fields.DYNAMIC_GROUP), "info": {"condition": group.condition}}


def _record(
    session: AsyncSession,
    caller: SignedCaller,
    happened: str,
    group: DynamicGroup,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    action = f"cmdb_dynamic_group.{happened}"
    record(session, caller.principal, action, "cmdb_dynamic_group", group.id, before=before, after=after)
