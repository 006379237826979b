"""Which fields of each object can be filtered, sorted and asked for, with their kinds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Integer, func
from sqlalchemy.orm import InstrumentedAttribute
from sqlmodel import SQLModel

from adapters.cmdb.service.models import Business, CloudArea, DynamicGroup, Host, HostModule, HostSet, Module
from kernel.db.types import UtcDateTime


class Kind(StrEnum):
    """`DATE` and `MOMENT` are kept as text that sorts as they do: `2026-01-31`, `2026-01-31T08:00:00Z`.

    `REFERENCES` are ids of others; the column is a text with a comma before and behind each: `,5,17,`.
    """

    NUMBER = "number"
    TEXT = "text"
    TIME = "time"
    DATE = "date"
    MOMENT = "moment"
    FLAG = "flag"
    REFERENCES = "references"


@dataclass(frozen=True, slots=True)
class FieldOf:
    """Attributes:
    custom_key: of a custom attribute, the member of the row's `custom` that holds its value.
    """

    name: str
    kind: Kind
    column: InstrumentedAttribute[Any] | ColumnElement[Any]
    custom_key: str | None = None

    def value_of(self, row: SQLModel) -> Any:
        if self.custom_key is None:
            return getattr(row, self.name)
        return getattr(row, _CUSTOM).get(self.custom_key)


Fields = Mapping[str, FieldOf]


def refers_to(field: FieldOf, instance: int) -> ColumnElement[bool]:
    """Whether a field that holds one id, or several, holds this one."""
    if field.kind is Kind.REFERENCES:
        return func.replace(field.column, f",{instance},", "") != field.column
    return field.column == instance


_CUSTOM = "custom"


def _fields_of(table: type[SQLModel], hidden: Iterable[str] = ()) -> Fields:
    found: dict[str, FieldOf] = {}
    for column in table.__table__.columns:  # type: ignore[attr-defined]  # SQLModel adds it to classes with a table
        if column.name not in {*hidden, _CUSTOM}:
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
DYNAMIC_GROUP: Fields = _fields_of(DynamicGroup, hidden=["condition"])
RELATION: Fields = _fields_of(HostModule)


def record_of(row: SQLModel, fields: Fields, wanted: Iterable[str] = ()) -> dict[str, Any]:
    """A row as callers see it: all fields, or those they asked for; names we don't have are passed over."""
    names = [name for name in wanted if name in fields] or fields
    return {name: _shown(fields[name].value_of(row)) for name in names}


def _shown(value: Any) -> Any:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value
