"""Attributes that refer to instances of other objects: what they refer to is there, and stays as long as they do."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.cmdb.service.attributes.kinds import MULTIPLE, SINGLE
from adapters.cmdb.service.attributes.repository import AttributeRepository
from adapters.cmdb.service.errors import InUse
from adapters.cmdb.service.fields import refers_to
from adapters.cmdb.service.models import Business, CloudArea, CustomAttribute, Host, HostSet, Module

REFERABLE: Final[Mapping[str, Any]] = {
    "biz": Business.bk_biz_id,
    "set": HostSet.bk_set_id,
    "module": Module.bk_module_id,
    "host": Host.bk_host_id,
    "plat": CloudArea.bk_cloud_id,
}
_KINDS: Final = (SINGLE, MULTIPLE)
_AT_ONCE: Final = 500


def referred_object(attribute: CustomAttribute) -> str:
    """To which object's instances the attribute refers; empty for any other attribute."""
    return str(attribute.option["bk_asst_obj_id"]) if attribute.bk_property_type in _KINDS else ""


def ids_in(value: Any) -> list[int]:
    """The ids in a value of such an attribute."""
    return list(value) if isinstance(value, list) else [] if value is None else [value]


async def unknown(session: AsyncSession, object_id: str, ids: Iterable[int]) -> list[int]:
    """Those ids that no instance of the object has."""
    asked, key = sorted(set(ids)), col(REFERABLE[object_id])
    found: set[int] = set()
    for start in range(0, len(asked), _AT_ONCE):
        statement = select(key).where(key.in_(asked[start : start + _AT_ONCE]))
        found.update((await session.execute(statement)).scalars())
    return [one for one in asked if one not in found]


class ReferenceGuard:
    def __init__(self, attributes: AttributeRepository) -> None:
        self._attributes = attributes

    async def refuse_referred(self, session: AsyncSession, object_id: str, ids: Collection[int]) -> None:
        """Raises:
        InUse: something that stays refers to one of these instances, which are to go together.
        """
        for attribute in await self._attributes.referring(session):
            if referred_object(attribute) == object_id:
                await self._refuse(session, attribute, object_id, sorted(ids))

    async def _refuse(
        self, session: AsyncSession, attribute: CustomAttribute, object_id: str, ids: Sequence[int]
    ) -> None:
        owner = attribute.bk_obj_id
        field = (await self._attributes.fields(session, owner))[attribute.bk_property_id]
        key = col(REFERABLE[owner])
        for start in range(0, len(ids), _AT_ONCE):
            refers = or_(*(refers_to(field, one) for one in ids[start : start + _AT_ONCE]))
            statement = select(key).where(refers)
            if owner == object_id:
                statement = statement.where(key.not_in(ids))
            found = (await session.execute(statement.limit(1))).scalar_one_or_none()
            if found is not None:
                which = f"{owner} {found} refers to it by {attribute.bk_property_id}"
                raise InUse(f"{which}; change that first, or send only what nothing refers to")
