"""`validator` and `root_validator` as pydantic 1 had them, over pydantic 2.

pydantic 2 keeps both names, but refuses what it can't do any more: a bare `@root_validator`, and validators that ask
for `field` or `config`. Plugins written for pydantic 1 use them.
"""

import inspect
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, get_args, get_origin

from pydantic import ValidationInfo
from pydantic.fields import FieldInfo
from pydantic.warnings import PydanticDeprecatedSince20

Decorator = Callable[[Any], Any]
_BY_NAME = ("values", "field", "config")
_LISTS = frozenset({list, set, frozenset, tuple})


@dataclass(frozen=True, slots=True)
class ModelField:
    """What a validator of pydantic 1 may ask of the field it checks.

    Attributes:
        type_: of a list, that of its items; `outer_type_` is the list's.
    """

    name: str
    alias: str
    type_: Any
    outer_type_: Any
    required: bool
    default: Any
    field_info: FieldInfo = field(repr=False)


def validator(
    *fields: str,
    pre: bool = False,
    each_item: bool = False,
    always: bool = False,
    check_fields: bool | None = None,
    whole: bool | None = None,
    allow_reuse: bool = False,  # noqa: ARG001  says nothing since pydantic 2
) -> Decorator:
    """Checks fields; the function may take `values`, `field` and `config` by these names, or as keywords."""
    from pydantic.deprecated.class_validators import validator as kept  # noqa: PLC0415  few plugins need it

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PydanticDeprecatedSince20)
        items = each_item if whole is None else not whole
        decorate = kept(*fields, pre=pre, each_item=items, always=always, check_fields=check_fields)

    def decorated(function: Any) -> Any:
        proxy: Any = decorate(function)
        proxy.shim = _called_by_name
        return proxy

    return decorated


def root_validator(
    function: Any = None,
    /,
    *,
    pre: bool = False,
    skip_on_failure: bool = False,  # noqa: ARG001  what fails is told either way, by the field alone
    allow_reuse: bool = False,  # noqa: ARG001  says nothing since pydantic 2
) -> Any:
    """Checks a model's values together, before its fields are read or, where all of them fit, after."""
    from pydantic.deprecated.class_validators import root_validator as kept  # noqa: PLC0415  few plugins need it

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PydanticDeprecatedSince20)
        decorate: Decorator = kept(pre=True) if pre else kept(skip_on_failure=True)
    return decorate if function is None else decorate(function)


def _called_by_name(function: Any) -> Callable[[Any, ValidationInfo], Any]:
    """The function, bound to its model, as pydantic 2 calls it."""
    taken = list(inspect.signature(function).parameters.values())[1:]
    takes_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in taken)
    names = [name for name in _BY_NAME if takes_all or any(parameter.name == name for parameter in taken)]
    model = getattr(function, "__self__", None)

    def call(value: Any, info: ValidationInfo) -> Any:
        return function(value, **{name: _known(name, model, info) for name in names})

    return call


def _known(name: str, model: Any, info: ValidationInfo) -> Any:
    if name == "values":
        return info.data
    if name == "config":
        return SimpleNamespace(**model.model_config)
    return _field_of(model, str(info.field_name))


def _field_of(model: Any, name: str) -> ModelField:
    found: FieldInfo = model.model_fields[name]
    default = None if found.is_required() else found.get_default()
    outer = _without_none(found.annotation)
    inner = get_args(outer)[0] if get_origin(outer) in _LISTS and get_args(outer) else outer
    return ModelField(name, found.alias or name, inner, outer, found.is_required(), default, found)


def _without_none(annotation: Any) -> Any:
    others = [part for part in get_args(annotation) if part is not type(None)]
    return others[0] if len(others) == 1 and len(others) < len(get_args(annotation)) else annotation
