"""The fields every object has, as BlueKing describes attributes."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from adapters.cmdb.service import fields
from adapters.cmdb.service.fields import FieldOf, Fields, Kind

OBJECTS: Final[Mapping[str, Fields]] = {
    "biz": fields.BUSINESS,
    "set": fields.SET,
    "module": fields.MODULE,
    "host": fields.HOST,
}
_SHORT: Final = 256
_PEOPLE: Final = frozenset(
    {"bk_biz_maintainer", "bk_biz_productor", "bk_biz_developer", "bk_biz_tester", "operator", "bk_bak_operator"}
)
_CHOICES: Final[Mapping[str, Mapping[str, str]]] = {
    "bk_os_type": {"1": "Linux", "2": "Windows", "3": "AIX"},
    "bk_set_env": {"1": "Test", "2": "Trial", "3": "Live"},
    "bk_service_status": {"1": "Open", "2": "Closed"},
    "bk_module_type": {"1": "Usual", "2": "Database"},
    "life_cycle": {"1": "Testing", "2": "Online", "3": "Retired"},
    "import_from": {"1": "Excel", "2": "Agent", "3": "API"},
}
_UNITS: Final[Mapping[str, str]] = {"bk_mem": "MB", "bk_disk": "GB", "bk_cpu": "cores"}
_UNIQUE: Final = frozenset({"bk_biz_name", "bk_set_name", "bk_module_name", "bk_host_innerip"})
_KEPT: Final = frozenset({"bk_supplier_account", "default", "create_time", "last_time", "bk_cloud_id"})
_WORDS: Final[Mapping[str, str]] = {
    "biz": "business", "innerip": "inner address", "outerip": "outer address", "os": "operating system",
    "mem": "memory", "sn": "serial number", "mac": "MAC address", "cpu": "CPU", "bak": "second", "desc": "description",
    "env": "environment", "productor": "product manager", "id": "id", "create": "created", "last": "changed",
}  # fmt: skip


def built_in_attributes(object_id: str) -> list[dict[str, Any]]:
    """Those of one of ``OBJECTS``."""
    return [_attribute(number, object_id, field) for number, field in enumerate(OBJECTS[object_id].values(), start=1)]


def _attribute(number: int, object_id: str, field: FieldOf) -> dict[str, Any]:
    kept = field.name in _KEPT or (field.name.endswith("_id") and field.kind is Kind.NUMBER)
    return {
        "id": number,
        "bk_obj_id": object_id,
        "bk_property_id": field.name,
        "bk_property_name": _name(field.name),
        "bk_property_type": _type(field),
        "bk_property_group": "default",
        "isrequired": field.name in _UNIQUE,
        "isonly": field.name in _UNIQUE,
        "isreadonly": kept,
        "ispre": True,
        "editable": not kept and field.name != "bk_host_innerip",
        "bk_asst_obj_id": "",
        "option": _options(field.name),
        "unit": _UNITS.get(field.name, ""),
        "placeholder": "",
    }


def _name(property_id: str) -> str:
    words: Sequence[str] = [_WORDS.get(word, word) for word in property_id.removeprefix("bk_").split("_")]
    text = " ".join(words)
    return text[0].upper() + text[1:]


def _type(field: FieldOf) -> str:
    if field.name in _CHOICES:
        return "enum"
    if field.name in _PEOPLE:
        return "objuser"
    if field.name == "time_zone":
        return "timezone"
    if field.kind is not Kind.TEXT:
        return "int" if field.kind is Kind.NUMBER else "time"
    length: int = getattr(field.column.type, "length", None) or 0
    return "longchar" if length > _SHORT else "singlechar"


def _options(property_id: str) -> list[dict[str, Any]]:
    return [
        {"id": value, "name": name, "type": "text", "is_default": False}
        for value, name in _CHOICES.get(property_id, {}).items()
    ]
