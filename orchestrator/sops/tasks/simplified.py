"""Texts for inputs of any kind, by which clients fill in what they know only as text. Pure."""

import json
from collections.abc import Collection, Mapping
from typing import Any, Final

from orchestrator.flow.blueking.host_pickers import choice_of, picks_hosts
from orchestrator.flow.blueking.names import bare
from orchestrator.sops.errors import ParameterWrong

_WRITTEN: Final = frozenset({"integer", "number", "boolean", "array", "object"})


def simplified(inputs: Mapping[str, Any], names: Collection[str], form: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs, with texts among those named read as what the form asks for: hosts by their addresses, what is no
    text as its JSON. Standard OPS has such variables be plain text instead, which nodes of ours would refuse.

    Args:
        form: the schema of the flow's form.

    Raises:
        ParameterWrong: a text is none of what is asked for.
    """
    wanted = {bare(name) for name in names}
    properties: Mapping[str, Any] = form.get("properties") or {}
    return {
        name: _read(name, value, properties.get(name) or {}) if name in wanted and isinstance(value, str) else value
        for name, value in inputs.items()
    }


def _read(name: str, text: str, schema: Mapping[str, Any]) -> Any:
    if picks_hosts(schema):
        choice = choice_of(text)
        if choice is None:
            raise ParameterWrong(f"constants.{name}", "names no hosts: write addresses between commas")
        return choice
    if schema.get("type") not in _WRITTEN:
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ParameterWrong(f"constants.{name}", f"is not the JSON of {schema['type']!r}") from None
