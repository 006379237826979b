"""Reads and writes custom attributes."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, String, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.cmdb.service.attributes.built_in import OBJECTS
from adapters.cmdb.service.attributes.kinds import KINDS, MULTIPLE, SINGLE
from adapters.cmdb.service.errors import Missing
from adapters.cmdb.service.fields import FieldOf, Fields, Kind
from adapters.cmdb.service.models import Business, CustomAttribute, Host, HostSet, Module

_CUSTOM = {"biz": Business.custom, "set": HostSet.custom, "module": Module.custom, "host": Host.custom}


class AttributeRepository:
    async def custom(self, session: AsyncSession, object_id: str) -> Sequence[CustomAttribute]:
        statement = select(CustomAttribute).where(col(CustomAttribute.bk_obj_id) == object_id)
        return (await session.execute(statement.order_by(col(CustomAttribute.id)))).scalars().all()

    async def fields(self, session: AsyncSession, object_id: str) -> Fields:
        """Everything an object can be filtered, sorted and asked by: what it always has, and custom attributes."""
        own = await self.custom(session, object_id)
        return (
            OBJECTS[object_id]
            if not own
            else {**OBJECTS[object_id], **{one.bk_property_id: _field(one) for one in own}}
        )

    async def referring(self, session: AsyncSession) -> Sequence[CustomAttribute]:
        """Those of every object that refer to instances."""
        statement = select(CustomAttribute).where(col(CustomAttribute.bk_property_type).in_([SINGLE, MULTIPLE]))
        return (await session.execute(statement.order_by(col(CustomAttribute.id)))).scalars().all()

    async def attribute(self, session: AsyncSession, attribute_id: int) -> CustomAttribute:
        found = await session.get(CustomAttribute, attribute_id, with_for_update=True)
        if found is None:
            raise Missing(f"There is no custom attribute {attribute_id}")
        return found


def _field(attribute: CustomAttribute) -> FieldOf:
    kind, key = KINDS[attribute.bk_property_type], str(attribute.id)
    member: Any = col(_CUSTOM[attribute.bk_obj_id])[key]
    column: ColumnElement[Any] = {Kind.NUMBER: member.as_integer, Kind.FLAG: member.as_boolean}.get(
        kind, member.as_string
    )()
    return FieldOf(attribute.bk_property_id, kind, _ids(column) if kind is Kind.REFERENCES else column, key)


def _ids(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """`,5,17,` of the list `[5, 17]`, which databases write with spaces or without."""
    for bracket in ("[", "]", " "):
        column = func.replace(column, bracket, "", type_=String)
    return literal(",") + column + literal(",")
