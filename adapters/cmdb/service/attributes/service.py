"""Attributes: those every object has, and those people give to it."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.cmdb.service.attributes import schemas
from adapters.cmdb.service.attributes.built_in import OBJECTS, built_in_attributes
from adapters.cmdb.service.attributes.references import referred_object
from adapters.cmdb.service.attributes.repository import AttributeRepository
from adapters.cmdb.service.errors import Duplicate, ParameterWrong
from adapters.cmdb.service.models import CustomAttribute
from adapters.cmdb.service.repository import InventoryRepository
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.http.signed_only import SignedCaller


class AttributeService:
    def __init__(self, repository: InventoryRepository, attributes: AttributeRepository, clock: Clock) -> None:
        self._repository = repository
        self._attributes = attributes
        self._clock = clock

    async def search(self, session: AsyncSession, _caller: SignedCaller, asked: schemas.SearchAttributes) -> Any:
        own = await self._attributes.custom(session, asked.bk_obj_id)
        return [*built_in_attributes(asked.bk_obj_id), *(_shown(attribute) for attribute in own)]

    async def create(self, session: AsyncSession, caller: SignedCaller, asked: schemas.CreateAttribute) -> Any:
        if asked.bk_property_id in OBJECTS[asked.bk_obj_id] or asked.bk_property_id == "custom":
            raise Duplicate(f"Every {asked.bk_obj_id} has {asked.bk_property_id} already")
        now = self._clock.now()
        given = asked.model_dump(exclude={"bk_asst_obj_id"})
        if asked.bk_asst_obj_id:
            given["option"] = {"bk_asst_obj_id": asked.bk_asst_obj_id}
        made = CustomAttribute(**given, create_time=now, last_time=now)
        taken = f"The {asked.bk_obj_id} has an attribute {asked.bk_property_id} already"
        await self._repository.add(session, [made], taken)
        _record(session, caller, "created", made, after=asked.model_dump())
        return {"id": made.id}

    async def update(self, session: AsyncSession, caller: SignedCaller, asked: schemas.UpdateAttribute) -> Any:
        attribute = await self._attributes.attribute(session, asked.id)
        after = asked.model_dump(exclude_none=True, exclude={"id"})
        if not after:
            raise ParameterWrong("id", "stands alone: name what shall change, such as bk_property_name")
        before = {name: getattr(attribute, name) for name in after}
        for name, value in after.items():
            setattr(attribute, name, value)
        attribute.last_time = self._clock.now()
        _record(session, caller, "updated", attribute, before=before, after=after)
        return {}

    async def delete(self, session: AsyncSession, caller: SignedCaller, asked: schemas.OfAttribute) -> Any:
        """Its values are gone for callers at once: no later attribute reads them."""
        attribute = await self._attributes.attribute(session, asked.id)
        _record(session, caller, "deleted", attribute, before=_shown(attribute))
        await session.delete(attribute)
        return {}


def _shown(attribute: CustomAttribute) -> dict[str, Any]:
    return {
        "id": attribute.id,
        "bk_obj_id": attribute.bk_obj_id,
        "bk_property_id": attribute.bk_property_id,
        "bk_property_name": attribute.bk_property_name,
        "bk_property_type": attribute.bk_property_type,
        "bk_property_group": attribute.bk_property_group,
        "isrequired": attribute.isrequired,
        "isonly": False,
        "isreadonly": False,
        "ispre": False,
        "editable": True,
        "bk_asst_obj_id": referred_object(attribute),
        "option": None if referred_object(attribute) else attribute.option,
        "unit": attribute.unit,
        "placeholder": attribute.placeholder,
    }


def _record(
    session: AsyncSession,
    caller: SignedCaller,
    happened: str,
    attribute: CustomAttribute,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    record(
        session, caller.principal, f"cmdb_attribute.{happened}", "cmdb_attribute", str(attribute.id),
        before=before, after=after,
    )  # fmt: skip
