"""Which fields of each object can be filtered, sorted and asked for, with their kinds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime, Integer
from sqlalchemy.orm import InstrumentedAttribute
from sqlmodel import SQLModel

from adapters.cmdb.service.models import Business, CloudArea, Host, HostModule, HostSet, Module
from kernel.db.types import UtcDateTime


class Kind(StrEnum):
    NUMBER = "number"
    TEXT = "text"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class FieldOf:
    name: str
    kind: Kind
    column: InstrumentedAttribute[Any]


Fields = Mapping[str, FieldOf]


def _fields_of(table: type[SQLModel], hidden: Iterable[str] = ()) -> Fields:
    found: dict[str, FieldOf] = {}
    for column in table.__table__.columns:  # type: ignore[attr-defined]  # SQLModel adds it to classes with a table
        if column.name not in hidden:
            found[column.name] = FieldOf(column.name, _kind(column.type), getattr(table, column.name))
    return found


def _kind(column_type: object) -> Kind:
    if isinstance(column_type, Integer):
        return Kind.NUMBER
    if isinstance(column_type, (UtcDateTime, DateTime)):
        return Kind.TIME
    return Kind.TEXT


BUSINESS: Fields = _fields_of(Business)
SET: Fields = _fields_of(HostSet)
MODULE: Fields = _fields_of(Module)
HOST: Fields = _fields_of(Host, hidden=["bk_biz_id"])
CLOUD_AREA: Fields = _fields_of(CloudArea)
RELATION: Fields = _fields_of(HostModule)


def record_of(row: SQLModel, fields: Fields, wanted: Iterable[str] = ()) -> dict[str, Any]:
    """A row as callers see it: all fields, or those they asked for; names we don't have are passed over."""
    names = [name for name in wanted if name in fields] or fields
    return {name: _shown(getattr(row, name)) for name in names}


def _shown(value: Any) -> Any:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value
