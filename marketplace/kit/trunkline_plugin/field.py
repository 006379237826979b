"""`Field` as plugins write it: pydantic's, with the keywords of pydantic 1 and members of the schema of one's own."""

from typing import Any

import pydantic

_RENAMED = {"regex": "pattern", "min_items": "min_length", "max_items": "max_length"}
_OWN = frozenset(
    {
        "alias", "alias_priority", "allow_inf_nan", "coerce_numbers_to_str", "decimal_places", "default_factory",
        "deprecated", "description", "discriminator", "examples", "exclude", "fail_fast", "frozen", "ge", "gt", "le",
        "lt", "max_digits", "max_length", "min_length", "multiple_of", "pattern", "repr", "strict", "title",
        "union_mode", "validate_default", "validation_alias", "serialization_alias",
    }
)  # fmt: skip
_WITHOUT_EFFECT = frozenset({"allow_mutation", "unique_items", "include", "env", "env_names"})


def Field(default: Any = ..., **options: Any) -> Any:  # noqa: N802  authors know it by this name
    """Describes one input, output or context value.

    Args:
        default: missing or `...`: the value is required.
        options: `title`, `description`, `ge` …; names pydantic doesn't know stand in the schema as they are.
    """
    known: dict[str, Any] = {}
    extra = dict(options.pop("json_schema_extra", None) or {})
    for name, value in options.items():
        own = _RENAMED.get(name, name)
        if own in _OWN:
            known[own] = value
        elif own not in _WITHOUT_EFFECT:
            extra[own] = value
    if extra:
        known["json_schema_extra"] = extra
    if "default_factory" in known:
        return pydantic.Field(**known)
    return pydantic.Field(default, **known)
