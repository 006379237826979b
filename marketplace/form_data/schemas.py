from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_PIECE = 8 * 1024 * 1024 + 4
"""Characters of a piece of a file: 6 MiB in Base64."""
HeaderText = Annotated[str, Field(pattern=r"^[\x20-\x7e]*$", max_length=1_000)]
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


class FormFileBody(BaseModel):
    """A file, or a piece of one: the first has its name, each further one the id that the first was answered.

    Attributes:
        offset: bytes that have come already.
        content: in Base64; a piece has 6 MiB at most.
        bk_biz_id: whose job system keeps it; the project's own where it is bound to one.
        headers: what the form says beside it, of the names in `upload_headers` of its context.
        flow: as of a request.
    """

    model_config = ConfigDict(extra="forbid")

    file_name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = None
    offset: Annotated[int, Field(ge=0, le=2**40)] = 0
    content: Annotated[str, Field(max_length=MAX_PIECE)]
    is_last: bool = True
    bk_biz_id: Annotated[int, Field(ge=1, le=2**53)] | None = None
    headers: Annotated[dict[str, HeaderText], Field(max_length=10)] = {}
    flow: FlowId | None = None


class FormFileView(BaseModel):
    """Attributes:
    path: by which the job system distributes it (`file_type` 2).
    is_complete: no further piece is waited for.
    """

    id: str
    path: str
    file_name: str
    size: int
    is_complete: bool


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
        upload_headers: what an upload's `headers` may name.
    """

    project: FormProject
    biz_cc_id: int | None
    site_url: str
    component: str
    can_select_biz: bool
    bk_plugin_api_host: dict[str, str]
    upload_headers: list[str]
    window: dict[str, str]
