"""Pages of BlueKing lists: start, limit with a bound, sort."""

from typing import Any

from sqlalchemy import ColumnElement, Select, UnaryExpression

from adapters.cmdb.service.errors import ParameterWrong
from adapters.cmdb.service.fields import FieldOf, Fields
from adapters.cmdb.service.filters import field_named
from adapters.cmdb.service.schemas import Page

OBJECTS_LIMIT = 200
HOSTS_LIMIT = 500


def paged(statement: Select[Any], page: Page, fields: Fields, id_field: str, most: int) -> Select[Any]:
    """The statement narrowed to a page, always in a definite order.

    Raises:
        ParameterWrong: the limit is too high, or a sort field unknown.
    """
    limit = page.limit if page.limit is not None else most
    if limit > most:
        raise ParameterWrong("page.limit", f"{limit} is more than {most}; ask page by page")
    return statement.order_by(*_order(page.sort, fields, id_field)).offset(page.start).limit(limit)


def _order(sort: str, fields: Fields, id_field: str) -> list[UnaryExpression[Any] | ColumnElement[Any]]:
    order: list[UnaryExpression[Any] | ColumnElement[Any]] = []
    for part in (part.strip() for part in sort.split(",") if part.strip()):
        field = field_named(fields, part.lstrip("+-"), "page.sort")
        order.append(_ordered(field, descending=part.startswith("-")))
    order.append(fields[id_field].column.asc())
    return order


def _ordered(field: FieldOf, *, descending: bool) -> UnaryExpression[Any]:
    """Rows without a value come before all others, and after them when descending.

    Where every row has one, nothing is said of it: an index has the rows in that order already.
    """
    ordered = field.column.desc() if descending else field.column.asc()
    if not getattr(field.column, "nullable", True):
        return ordered
    return ordered.nulls_last() if descending else ordered.nulls_first()
