from typing import Annotated, Any

from pydantic import BaseModel, Field

from orchestrator.sops.schemas import InProject


class GetPlugin(InProject):
    """`version` is the newest that is installed when left out."""

    code: Annotated[str, Field(min_length=1, max_length=128)]
    version: str = Field(default="", max_length=64)


class Parameter(BaseModel):
    key: str
    name: str
    type: str
    required: bool
    schema_: dict[str, Any] = Field(serialization_alias="schema")


class PluginBase(BaseModel):
    code: str
    name: str


class Plugin(BaseModel):
    code: str
    version: str
    name: str
    desc: str
    group_name: str
    form: str
    inputs: list[Parameter]
    outputs: list[Parameter]
