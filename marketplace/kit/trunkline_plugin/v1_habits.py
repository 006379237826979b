"""What plugins written for pydantic 1 take for granted, kept by a metaclass over pydantic 2.

A value that may be None needs no default; a union takes the first type that fits; `class Config`, `pydantic.v1`'s
validators and models of `pydantic.v1` as types of fields go on working.
"""

import sys
import types
import typing
from typing import Annotated, Any, ClassVar, Optional, Union, get_args, get_origin

from pydantic import Field as PydanticField
from pydantic import GetJsonSchemaHandler
from pydantic._internal._model_construction import ModelMetaclass
from pydantic_core import CoreSchema, core_schema

from trunkline_plugin.v1_validators import root_validator, validator

_SETTINGS = {
    "allow_population_by_field_name": "populate_by_name",
    "anystr_lower": "str_to_lower",
    "anystr_strip_whitespace": "str_strip_whitespace",
    "anystr_upper": "str_to_upper",
    "max_anystr_length": "str_max_length",
    "min_anystr_length": "str_min_length",
    "orm_mode": "from_attributes",
    "schema_extra": "json_schema_extra",
    "validate_all": "validate_default",
}
_KEPT = frozenset({"arbitrary_types_allowed", "extra", "title", "use_enum_values", "validate_assignment"})
V1_SCHEMA = "v1_schema"


class V1Habits(ModelMetaclass):
    """Reads a model's definition as pydantic 1 would."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> Any:
        _read_config(namespace)
        _read_validators(namespace)
        _read_fields(namespace)
        return super().__new__(mcs, name, bases, namespace, **options)


def _read_config(namespace: dict[str, Any]) -> None:
    config = namespace.pop("Config", None)
    if config is None:
        return
    settings = dict(namespace.get("model_config", {}))
    for name, value in vars(config).items():
        own = _SETTINGS.get(name, name)
        if own in _KEPT or name in _SETTINGS:
            settings[own] = getattr(value, "value", value) if name == "extra" else value
    namespace["model_config"] = settings


def _read_validators(namespace: dict[str, Any]) -> None:
    """`pydantic.v1`'s decorators leave their settings on the method, under names of their own."""
    for name, member in list(namespace.items()):
        of_fields = getattr(member, "__validator_config__", None)
        of_model = getattr(member, "__root_validator_config__", None)
        if of_fields is not None:
            fields, found = of_fields
            decorate = validator(
                *fields, pre=found.pre, each_item=found.each_item, always=found.always, check_fields=found.check_fields
            )
            namespace[name] = decorate(found.func)
        elif of_model is not None:
            namespace[name] = root_validator(pre=of_model.pre)(of_model.func)


def _read_fields(namespace: dict[str, Any]) -> None:
    annotations = namespace.get("__annotations__", {})
    for name, given in list(annotations.items()):
        found = _evaluated(given, namespace)
        if name.startswith("_") or get_origin(found) is ClassVar or isinstance(found, str):
            continue
        default = namespace.get(name, ...)
        if default is None or getattr(default, "default", ...) is None:
            found = Optional[found]  # noqa: UP045  `|` is not defined for every annotation
        elif default is ... and _may_be_none(found):
            namespace[name] = None
        annotations[name] = _read_type(found)


def _evaluated(given: Any, namespace: dict[str, Any]) -> Any:
    """An annotation that `from __future__ import annotations` left as text, where its names are known already."""
    if not isinstance(given, str):
        return given
    module = sys.modules.get(namespace.get("__module__", ""))
    try:
        return eval(given, dict(vars(module)) if module else {}, dict(namespace))  # noqa: S307  the author's own code
    except NameError:
        return given


def _may_be_none(found: Any) -> bool:
    return found is Any or found is None or (type(None) in get_args(found) and _is_union(found))


def _is_union(found: Any) -> bool:
    return get_origin(found) in {Union, types.UnionType}


def _read_type(found: Any) -> Any:
    if _is_of_v1(found):
        return Annotated[found, _OfV1(found)]
    parts = get_args(found)
    origin = get_origin(found)
    if not parts or origin in {Annotated, typing.Literal} or (not isinstance(origin, type) and not _is_union(found)):
        return found
    read = tuple(_read_type(part) for part in parts)
    if not _is_union(found):
        return found if read == parts or origin.__module__ == "collections.abc" else origin[read]
    others = tuple(part for part in read if part is not type(None))
    if len(others) < 2:  # noqa: PLR2004  of two, one was None
        return Optional[others[0]]  # noqa: UP045  as above
    union: Any = Annotated[Union.__getitem__(others), PydanticField(union_mode="left_to_right")]
    return Optional[union] if len(others) < len(read) else union  # noqa: UP045  as above


def _is_of_v1(found: Any) -> bool:
    return isinstance(found, type) and any(base.__module__ == "pydantic.v1.main" for base in found.__mro__)


class _OfV1:
    """Lets a model of `pydantic.v1` be the type of a field."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        dump = core_schema.plain_serializer_function_ser_schema(lambda value: value.dict())
        return core_schema.no_info_plain_validator_function(self._read, serialization=dump)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {V1_SCHEMA: self._model.schema()}

    def _read(self, value: Any) -> Any:
        return value if isinstance(value, self._model) else self._model.parse_obj(value)
