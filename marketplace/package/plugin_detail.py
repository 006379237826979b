"""What a plugin that speaks the bk_plugin protocol says of one of its versions (reference bk-plugin-protocol §1)."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from marketplace.package import wordings
from marketplace.package.errors import PackageRefused
from marketplace.package.limits import DETAIL

_REF = "#/definitions/"


class WireSchema(BaseModel):
    """The shape schemas have on that wire: pydantic 1's, with all four members."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    properties: dict[str, dict[str, Any]] = {}
    required: list[str] = []
    definitions: dict[str, dict[str, Any]] = {}

    def json_schema(self) -> dict[str, Any]:
        """The same in JSON Schema 2020-12."""
        schema: dict[str, Any] = {"type": "object", "properties": _modern(self.properties)}
        if self.required:
            schema["required"] = list(self.required)
        if self.definitions:
            schema["$defs"] = _modern(self.definitions)
        return schema


class Forms(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    renderform: str | None = None


class PluginDetail(BaseModel):
    """Attributes:
    enable_plugin_callback: whether it tells the end of a run to whoever the context names.
    enable_cancel: whether it can be told that a run is wanted no more; an addition of the kit's.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    version: str
    desc: str | None = ""
    enable_plugin_callback: bool = False
    enable_cancel: bool = False
    inputs: WireSchema = WireSchema()
    outputs: WireSchema = WireSchema()
    context_inputs: WireSchema = WireSchema()
    forms: Forms = Forms()

    def context_names(self) -> list[str]:
        return sorted(self.context_inputs.properties)


def read_detail(text: bytes) -> PluginDetail:
    """Raises PackageRefused: it isn't what the protocol's `detail` answers."""
    try:
        return PluginDetail.model_validate(json.loads(text))
    except (ValueError, RecursionError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else None
        problem = f"{'.'.join(map(str, first['loc']))}: {first['msg']}" if first else "is no JSON"
        raise PackageRefused([wordings.UNREADABLE_DETAIL.at(DETAIL, why=problem)]) from error


def _modern(part: Any) -> Any:
    if isinstance(part, list):
        return [_modern(item) for item in part]
    if not isinstance(part, Mapping):
        return part
    shown = {name: _modern(value) for name, value in part.items()}
    reference = shown.get("$ref")
    if isinstance(reference, str) and reference.startswith(_REF):
        shown["$ref"] = "#/$defs/" + reference.removeprefix(_REF)
    if isinstance(shown.get("items"), list):
        shown["prefixItems"] = shown.pop("items")
    return shown
