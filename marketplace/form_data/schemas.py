from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class FormDataBody(BaseModel):
    """Attributes:
    url: below the plugin, with a query if there is one.
    """

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Field(pattern=r"^/bk_plugin/plugin_api/[^\x00-\x20#]*$", max_length=2_000)]
    method: Literal["GET", "POST"] = "GET"
    data: dict[str, Any] = {}


class FormDataView(BaseModel):
    """Attributes:
    data: what the plugin's view answered.
    """

    data: Any
