"""Which variables of a tree are named in it."""

from collections.abc import Iterator, Mapping
from typing import Any


def named_and_other(tree: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The constants that activities, gateways, outputs or named constants name, and the others."""
    constants: Mapping[str, Any] = tree["constants"]
    found = {key for key in constants if key in tree["outputs"]}
    found |= _named(constants, {"activities": tree["activities"], "gateways": tree["gateways"]})
    pending = set(found)
    while pending:
        pending = _named(constants, [constants[key].get("value") for key in pending]) - found
        found |= pending
    used = {key: constant for key, constant in constants.items() if key in found}
    return used, {key: constant for key, constant in constants.items() if key not in found}


def constants_named(tree: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Those that are named and that no activity gives, each with the number of activities that name it."""
    for key, constant in named_and_other(tree)[0].items():
        if constant["source_type"] != "component_outputs":
            count = sum(key in _named({key: constant}, activity) for activity in tree["activities"].values())
            yield {
                "name": constant["name"],
                "key": key,
                "show_type": constant["show_type"],
                "constant_type": constant["custom_type"],
                "activity_count": count,
            }


def _named(constants: Mapping[str, Any], value: Any) -> set[str]:
    texts = [text for text in _texts(value) if "${" in text]
    return {key for key in constants if any(key[:-1] in text for text in texts)}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
