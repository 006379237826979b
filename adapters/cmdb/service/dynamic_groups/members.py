"""Who belongs to a dynamic group, as a query."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Select, select
from sqlmodel import col

from adapters.cmdb.service.dynamic_groups.schemas import GroupPart
from adapters.cmdb.service.errors import ParameterWrong
from adapters.cmdb.service.fields import Fields
from adapters.cmdb.service.filters import comparison_clause
from adapters.cmdb.service.host_search import conditions_on
from adapters.cmdb.service.models import DynamicGroup, Host, HostSet
from adapters.cmdb.service.schemas import ObjectCondition

_WHERE = "info.condition"
_parts: TypeAdapter[list[GroupPart]] = TypeAdapter(list[GroupPart])


def members_of(group: DynamicGroup, known: Mapping[str, Fields]) -> Select[Any]:
    """The hosts or sets that belong to a group now.

    Args:
        known: the fields of sets, modules and hosts.

    Raises:
        ParameterWrong: a condition can't be met, or can't any more since its field is gone.
    """
    return members(group.bk_biz_id, group.bk_obj_id, _parts.validate_python(group.condition), known)


def members(business_id: int, object_id: str, parts: Sequence[GroupPart], known: Mapping[str, Fields]) -> Select[Any]:
    if object_id == "set":
        return _sets(business_id, parts, known)
    conditions = [ObjectCondition(bk_obj_id=part.bk_obj_id, condition=part.condition, fields=[]) for part in parts]
    return select(Host).where(col(Host.bk_biz_id) == business_id, *conditions_on(conditions, known, _WHERE))


def _sets(business_id: int, parts: Sequence[GroupPart], known: Mapping[str, Fields]) -> Select[Any]:
    clauses = [col(HostSet.bk_biz_id) == business_id]
    for number, part in enumerate(parts):
        if part.bk_obj_id != "set":
            raise ParameterWrong(f"{_WHERE}.{number}.bk_obj_id", "is not set, and a group of sets has no other")
        for place, one in enumerate(part.condition):
            where = f"{_WHERE}.{number}.condition.{place}"
            clauses.append(comparison_clause(known["set"], one.field, one.operator, one.value, where))
    return select(HostSet).where(*clauses)
