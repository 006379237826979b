from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

FlowId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class FormDataBody(BaseModel):
    """Attributes:
    url: as the form wrote it: below `site_url` of its context, or below `/bk_plugin/plugin_api/` of its plugin.
    flow: a flow the caller may launch, whose form this is; without it the caller works on the project's flows.
    """

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Field(pattern=r"^[^\x00-\x1f#]+$", max_length=4_000)]
    method: Literal["GET", "POST"] = "GET"
    data: Annotated[dict[str, Any], Field(max_length=200)] = {}
    flow: FlowId | None = None


class FormDataView(BaseModel):
    """Attributes:
    data: what the form is answered.
    """

    data: Any


class FormProject(BaseModel):
    """Attributes:
    bk_biz_id: of the business the project is bound to.
    """

    id: str
    bk_biz_id: int | None
    from_cmdb: bool


class FormContextView(BaseModel):
    """What `$.context` knows of a project; where in it a form stands, the console adds.

    Attributes:
        site_url: what addresses of Standard OPS begin with.
        bk_plugin_api_host: where a plugin's data API begins, by its code.
    """

    project: FormProject
    biz_cc_id: int | None
    site_url: str
    component: str
    can_select_biz: bool
    bk_plugin_api_host: dict[str, str]
    window: dict[str, str]
