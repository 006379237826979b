"""Values as files have them, as the inventory takes them: "16.0" for a number, "Linux" for a choice. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from adapters.cmdb.service.attributes.built_in import built_in_attributes
from adapters.cmdb.service.attributes.kinds import MULTIPLE, SINGLE, ValueWrong, checked
from adapters.cmdb.service.imports.rows import HostRow, RowProblem
from adapters.cmdb.service.imports.sheets.table import Cell
from adapters.cmdb.service.models import CustomAttribute
from adapters.cmdb.service.schemas import HostProperties, NewHost
from kernel.shape_problems import shape_problem

ADDRESS: Final = "bk_host_innerip"
AREA: Final = "bk_cloud_id"
PLACE: Final = "place"
_FLAGS: Final[Mapping[str, bool]] = {
    "true": True, "yes": True, "1": True, "是": True, "false": False, "no": False, "0": False, "否": False,
}  # fmt: skip
_NOT_SET: Final = frozenset({"bk_host_id", "create_time", "last_time", "import_from"})


@dataclass(frozen=True, slots=True)
class KnownAttribute:
    """Attributes:
    choices: of an enum, its ids by id and by name in lower case.
    custom: none for a field every host has.
    """

    name: str
    label: str
    kind: str
    choices: Mapping[str, str]
    custom: CustomAttribute | None


def known_attributes(custom: Iterable[CustomAttribute]) -> dict[str, KnownAttribute]:
    """Everything of a host that an import may bring, by property id."""
    found = {
        each["bk_property_id"]: KnownAttribute(
            each["bk_property_id"], each["bk_property_name"], each["bk_property_type"], _choices(each["option"]), None
        )
        for each in built_in_attributes("host")
        if each["bk_property_id"] not in _NOT_SET
    }
    for own in custom:
        option = own.option if own.bk_property_type == "enum" else []
        found[own.bk_property_id] = KnownAttribute(
            own.bk_property_id, own.bk_property_name, own.bk_property_type, _choices(option), own
        )
    return found


def _choices(option: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    chosen = list(option)
    by_name = {str(each["name"]).lower(): str(each["id"]) for each in chosen}
    return by_name | {str(each["id"]).lower(): str(each["id"]) for each in chosen}


def host_row(
    number: int, given: Mapping[str, Cell], known: Mapping[str, KnownAttribute], external_id: str = ""
) -> tuple[HostRow | None, list[RowProblem]]:
    """One host of its values by property id; those that are empty are not given.

    Answers the row, or all that is wrong with it.
    """
    values = {name: value for name, value in given.items() if value is not None and value != ""}
    places = tuple(part.strip() for part in str(values.pop(PLACE, "")).split(";") if part.strip())
    own: dict[str, Any] = {}
    custom: dict[str, Any] = {}
    problems: list[RowProblem] = []
    for name, value in values.items():
        attribute = known[name]
        try:
            if attribute.custom is None:
                own[name] = _plain(attribute, value)
            else:
                custom[name] = checked(attribute.kind, attribute.custom.option, _plain(attribute, value))
        except ValueWrong as error:
            problems.append(RowProblem(number, name, f"{value} does not fit", f"{attribute.label} {error}"))
    if ADDRESS not in own:
        problems.append(RowProblem(number, ADDRESS, "is empty", "give the host's inner address"))
        return None, problems
    try:
        host = NewHost.model_validate(own)
    except ValidationError as error:
        return None, [*problems, *_problems(number, error)]
    if problems:
        return None, problems
    sent = {name: getattr(host, name) for name in HostProperties.model_fields if name in own}
    return HostRow(number, host.bk_host_innerip, host.bk_cloud_id, sent, custom, places, external_id), []


def _plain(attribute: KnownAttribute, value: Cell) -> Any:
    if attribute.choices:
        chosen = attribute.choices.get(_text(value).lower())
        if chosen is None:
            raise ValueWrong(f"takes one of {', '.join(dict.fromkeys(attribute.choices))}")
        return chosen
    if attribute.kind in {"int", SINGLE}:
        return _whole(value)
    if attribute.kind == MULTIPLE:
        return [_whole(part) for part in _text(value).split(";") if part.strip()]
    if attribute.kind == "bool":
        return _flag(value)
    if attribute.kind == "date" and isinstance(value, datetime):
        return value.date().isoformat()
    return _text(value)


def _text(value: Cell) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _whole(value: Cell) -> int:
    try:
        number = float(str(value).replace(",", "")) if not isinstance(value, int) else value
        if number == int(number):
            return int(number)
    except (ValueError, OverflowError):
        pass
    raise ValueWrong("takes a whole number")


def _flag(value: Cell) -> bool:
    found = _FLAGS.get(_text(value).lower())
    if found is None:
        raise ValueWrong("takes true or false")
    return found


def _problems(number: int, error: ValidationError) -> list[RowProblem]:
    return [
        RowProblem(number, str(each["loc"][0]), f"{each['input']} does not fit", _remedy(each))
        for each in error.errors(include_url=False)
    ]


def _remedy(error: ErrorDetails) -> str:
    if str(error["loc"][0]) == ADDRESS and error["type"] == "string_pattern_mismatch":
        return "write an IPv4 or IPv6 address, like 10.0.0.1"
    said = shape_problem("", error["type"], error["msg"], error.get("ctx"))
    return said.remedy or said.problem
