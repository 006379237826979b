"""Values of custom attributes, as callers send them beside an object's own fields."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.cmdb.service.attributes.kinds import MULTIPLE, ValueWrong, checked
from adapters.cmdb.service.attributes.references import ids_in, referred_object, unknown
from adapters.cmdb.service.attributes.repository import AttributeRepository
from adapters.cmdb.service.errors import ParameterWrong
from adapters.cmdb.service.models import CustomAttribute


class CustomValues:
    def __init__(self, repository: AttributeRepository) -> None:
        self._repository = repository

    async def of_new(
        self, session: AsyncSession, object_id: str, sent: Mapping[str, Any], where: str
    ) -> dict[str, Any]:
        """What a new object keeps: attribute id → value.

        Raises:
            ParameterWrong: a value doesn't fit its attribute, or a required one is missing.
        """
        kept, _ = await self.changed(session, object_id, sent, {}, where)
        for attribute in await self._repository.custom(session, object_id):
            if attribute.isrequired and str(attribute.id) not in kept:
                raise ParameterWrong(f"{where}.{attribute.bk_property_id}", "is required")
        return kept

    async def changed(
        self, session: AsyncSession, object_id: str, sent: Mapping[str, Any], present: Mapping[str, Any], where: str
    ) -> tuple[dict[str, Any], list[str]]:
        """What an object keeps once the sent values are taken over, and the names of those; null takes one away.

        Raises:
            ParameterWrong: a value doesn't fit its attribute, refers to what is not there, or a required one is taken
                away.
        """
        kept, names = dict(present), []
        for attribute in await self._repository.custom(session, object_id):
            name, key = attribute.bk_property_id, str(attribute.id)
            if name not in sent:
                continue
            names.append(name)
            if not _is_nothing(attribute, sent[name]):
                try:
                    kept[key] = checked(attribute.bk_property_type, attribute.option, sent[name])
                except ValueWrong as error:
                    raise ParameterWrong(f"{where}.{name}", str(error)) from None
                await _refuse_unknown(session, attribute, kept[key], f"{where}.{name}")
            elif attribute.isrequired:
                raise ParameterWrong(f"{where}.{name}", "is required")
            else:
                kept.pop(key, None)
        return kept, names


def _is_nothing(attribute: CustomAttribute, value: Any) -> bool:
    return value is None or (attribute.bk_property_type == MULTIPLE and value == [])


async def _refuse_unknown(session: AsyncSession, attribute: CustomAttribute, value: Any, where: str) -> None:
    referred = referred_object(attribute)
    missing = await unknown(session, referred, ids_in(value)) if referred else []
    if missing:
        raise ParameterWrong(where, f"there is no {referred} {missing[0]}")
