"""Property filters and conditions as SQL.

A text comparison means the same on every database: it is exact in case, and knows no wildcard. A field without a value
is unlike every value, so the negative operators find it.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, false, func, literal, not_, or_

from adapters.cmdb.service.attributes.kinds import moment
from adapters.cmdb.service.errors import ParameterWrong
from adapters.cmdb.service.fields import FieldOf, Fields, Kind, refers_to
from adapters.cmdb.service.schemas import FieldRule, GroupRule, PropertyFilter

_LARGEST = 2**31 - 1
_MAX_VALUES = 500
_PAIR = 2
_UNORDERED: Final = frozenset({Kind.TEXT, Kind.FLAG, Kind.REFERENCES})
_FLAGS: Final = (True, False, "true", "false")
_SORTABLE_TEXTS: Final[Mapping[Kind, Callable[[str], str]]] = {
    Kind.DATE: lambda text: date.fromisoformat(text).isoformat(),
    Kind.MOMENT: moment,
}

Clause = ColumnElement[bool]
Operator = Callable[[FieldOf, Any, str], Clause]


def filter_clause(filtered: PropertyFilter, fields: Fields, where: str) -> Clause:
    """A filter of at most two levels as one clause.

    Raises:
        ParameterWrong: naming the rule.
    """
    clauses = [_rule(rule, fields, f"{where}.rules.{index}") for index, rule in enumerate(filtered.rules)]
    return _joined(filtered.condition, clauses)


def _rule(rule: FieldRule | GroupRule, fields: Fields, where: str) -> Clause:
    if isinstance(rule, GroupRule):
        inner = [_field_rule(part, fields, f"{where}.rules.{index}") for index, part in enumerate(rule.rules)]
        return _joined(rule.condition, inner)
    return _field_rule(rule, fields, where)


def _joined(condition: str, clauses: list[Clause]) -> Clause:
    return and_(*clauses) if condition == "AND" else or_(*clauses)


def _field_rule(rule: FieldRule, fields: Fields, where: str) -> Clause:
    found = field_named(fields, rule.field, f"{where}.field")
    operator = OPERATORS.get(rule.operator)
    if operator is None:
        raise ParameterWrong(f"{where}.operator", f"{rule.operator} is none of {', '.join(OPERATORS)}")
    return operator(found, rule.value, f"{where}.value")


def field_named(fields: Fields, name: str, where: str) -> FieldOf:
    found = fields.get(name)
    if found is None:
        raise ParameterWrong(where, f"there is no field {name}; there are {', '.join(fields)}")
    return found


def condition_clause(condition: Mapping[str, Any], fields: Fields, where: str) -> Clause:
    """A condition object `{field: value}` or `{field: {"$in": [...]}}` as one clause."""
    clauses: list[Clause] = [literal(value=True) == literal(value=True)] if not condition else []
    for name, wanted in condition.items():
        found = field_named(fields, name, where)
        place = f"{where}.{name}"
        if not isinstance(wanted, dict):
            clauses.append(_equal(found, wanted, place))
            continue
        for sign, value in wanted.items():
            operator = _SIGNS.get(sign)
            if operator is None:
                raise ParameterWrong(place, f"{sign} is none of {', '.join(_SIGNS)}")
            clauses.append(operator(found, value, place))
    return and_(*clauses)


def comparison_clause(fields: Fields, name: str, operator: str, value: Any, where: str) -> Clause:
    """One `{field, operator: $eq…, value}`."""
    found = field_named(fields, name, f"{where}.field")
    compare = _SIGNS.get(operator)
    if compare is None:
        raise ParameterWrong(f"{where}.operator", f"{operator} is none of {', '.join(_SIGNS)}")
    return compare(found, value, f"{where}.value")


def _scalar(field: FieldOf, value: Any, where: str) -> Any:
    if field.kind in {Kind.NUMBER, Kind.REFERENCES}:
        return _number(value, where, field.name)
    if field.kind is Kind.TIME:
        return _time(value, where, field.name)
    if field.kind in _SORTABLE_TEXTS:
        return _sortable(field, value, where)
    if field.kind is Kind.FLAG:
        return _flag(value, where, field.name)
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise ParameterWrong(where, f"{field.name} is compared with a text")


def _number(value: Any, where: str, name: str) -> int:
    if isinstance(value, str):
        try:
            value = int(value)
        except ValueError:
            raise ParameterWrong(where, f"{name} is compared with a whole number") from None
    if isinstance(value, bool) or not isinstance(value, int):
        raise ParameterWrong(where, f"{name} is compared with a whole number")
    if not -_LARGEST <= value <= _LARGEST:
        raise ParameterWrong(where, f"{name} is compared with a number of at most {_LARGEST}")
    return value


def _time(value: Any, where: str, name: str) -> datetime:
    try:
        parsed = datetime.fromisoformat(value)
        return parsed if parsed.tzinfo is not None else parsed.astimezone()
    except (TypeError, ValueError, OverflowError):
        raise ParameterWrong(where, f"{name} is compared with a time such as 2026-01-31T08:00:00Z") from None


def _sortable(field: FieldOf, value: Any, where: str) -> str:
    try:
        return _SORTABLE_TEXTS[field.kind](value)
    except (TypeError, ValueError, OverflowError):
        raise ParameterWrong(where, f"{field.name} is compared with a {field.kind} such as 2026-01-31") from None


def _flag(value: Any, where: str, name: str) -> bool:
    if value not in _FLAGS:
        raise ParameterWrong(where, f"{name} is compared with true or false")
    return value in {True, "true"}


def _values(field: FieldOf, value: Any, where: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise ParameterWrong(where, "this operator takes a list with at least one value")
    if len(value) > _MAX_VALUES:
        raise ParameterWrong(where, f"has {len(value)} values, at most {_MAX_VALUES} are taken")
    return [_scalar(field, part, f"{where}.{index}") for index, part in enumerate(value)]


def _text(field: FieldOf, value: Any, where: str) -> str:
    if field.kind is not Kind.TEXT:
        raise ParameterWrong(where, f"{field.name} is no text, so this operator has no meaning for it")
    if not isinstance(value, str) or not value:
        raise ParameterWrong(where, "this operator takes a text of at least one character")
    return value


def _ordered(field: FieldOf, value: Any, where: str) -> Any:
    if field.kind in _UNORDERED:
        raise ParameterWrong(where, f"{field.name} is a {field.kind}; only numbers and times are greater or less")
    return _scalar(field, value, where)


def _known(field: FieldOf, clause: Clause) -> Clause:
    """Never unknown: a field without a value doesn't match."""
    return and_(field.column.is_not(None), clause)


def _equal(field: FieldOf, value: Any, where: str) -> Clause:
    if field.kind is Kind.REFERENCES:
        return _known(field, refers_to(field, _scalar(field, value, where)))
    return _known(field, field.column == _scalar(field, value, where))


def _in(field: FieldOf, value: Any, where: str) -> Clause:
    if field.kind is Kind.REFERENCES:
        return _known(field, or_(*(refers_to(field, one) for one in _values(field, value, where))))
    return _known(field, field.column.in_(_values(field, value, where)))


def _less(field: FieldOf, value: Any, where: str) -> Clause:
    return _known(field, field.column < _ordered(field, value, where))


def _less_or_equal(field: FieldOf, value: Any, where: str) -> Clause:
    return _known(field, field.column <= _ordered(field, value, where))


def _greater(field: FieldOf, value: Any, where: str) -> Clause:
    return _known(field, field.column > _ordered(field, value, where))


def _greater_or_equal(field: FieldOf, value: Any, where: str) -> Clause:
    return _known(field, field.column >= _ordered(field, value, where))


def _between(field: FieldOf, value: Any, where: str) -> Clause:
    if not isinstance(value, list) or len(value) != _PAIR:
        raise ParameterWrong(where, "this operator takes a list of two values, the lower first")
    low, high = (_ordered(field, part, f"{where}.{index}") for index, part in enumerate(value))
    return _known(field, field.column.between(low, high))


def _begins_with(field: FieldOf, value: Any, where: str) -> Clause:
    text = _text(field, value, where)
    return _known(field, func.substr(field.column, 1, len(text)) == text)


def _contains(field: FieldOf, value: Any, where: str) -> Clause:
    if field.kind is Kind.REFERENCES:
        return _equal(field, value, where)
    text = _text(field, value, where)
    return _known(field, func.replace(field.column, text, "") != field.column)


def _ends_with(field: FieldOf, value: Any, where: str) -> Clause:
    text = _text(field, value, where)
    size = func.length(field.column)
    return _known(field, and_(size >= len(text), func.substr(field.column, size - len(text) + 1) == text))


def _is_empty(field: FieldOf, _value: Any, _where: str) -> Clause:
    without = field.column.is_(None)
    return or_(without, field.column == "") if field.kind is Kind.TEXT else or_(without, false())


def _is_null(field: FieldOf, _value: Any, _where: str) -> Clause:
    return field.column.is_(None)


def _negated(operator: Operator) -> Operator:
    return lambda field, value, where: not_(operator(field, value, where))


OPERATORS: Final[Mapping[str, Operator]] = {
    "equal": _equal,
    "not_equal": _negated(_equal),
    "in": _in,
    "not_in": _negated(_in),
    "less": _less,
    "less_or_equal": _less_or_equal,
    "greater": _greater,
    "greater_or_equal": _greater_or_equal,
    "between": _between,
    "not_between": _negated(_between),
    "begins_with": _begins_with,
    "not_begins_with": _negated(_begins_with),
    "contains": _contains,
    "not_contains": _negated(_contains),
    "ends_with": _ends_with,
    "not_ends_with": _negated(_ends_with),
    "is_empty": _is_empty,
    "is_not_empty": _negated(_is_empty),
    "is_null": _is_null,
    "is_not_null": _negated(_is_null),
}

_SIGNS: Final[Mapping[str, Operator]] = {
    "$eq": _equal,
    "$ne": OPERATORS["not_equal"],
    "$in": _in,
    "$nin": OPERATORS["not_in"],
    "$lt": _less,
    "$lte": _less_or_equal,
    "$gt": _greater,
    "$gte": _greater_or_equal,
}
