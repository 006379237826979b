from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, Field

from orchestrator.flows.schemas import Body, Name
from orchestrator.launch.schemas import InputsFormView
from orchestrator.schemes.schemas import SchemeIds
from orchestrator.tasks.schemas import Moment
from orchestrator.versions import Version

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", min_length=2, max_length=64)]
Revision = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]


class Icon(StrEnum):
    ROCKET = "rocket"
    BOX = "box"
    SERVER = "server"
    KEY = "key"
    PERSON = "person"
    TOOL = "tool"
    CHART = "chart"
    BELL = "bell"


class MiniAppChange(Body):
    """`revision` pins one; the latest when left out. `fixed` inputs are asked of nobody, `leave_out` names optional
    nodes that its tasks do without; of `schemes`, what all of them leave out is left out too. `open_to_all`: whoever
    signs in may use it; otherwise who has a role on it, on its flow or its project.
    """

    name: Name
    text: Annotated[str, Field(max_length=2000)] = ""
    icon: Icon = Icon.ROCKET
    colour: Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")] = "#3366cc"
    revision: Revision | None = None
    fixed: dict[str, Any] = Field(default_factory=dict)
    leave_out: Annotated[list[str], Field(max_length=10_000)] = Field(default_factory=list)
    schemes: SchemeIds = Field(default_factory=list)
    open_to_all: bool = False
    enabled: bool = True
    expires_at: Moment | None = None


class MiniAppReplacement(MiniAppChange):
    """`version` is that of the app the change was made from."""

    version: Version


class MiniAppBody(MiniAppChange):
    """`code` stands in the app's address, `/apps/{code}`, and never changes."""

    code: Code


class MiniAppSummary(BaseModel):
    code: str
    name: str
    text: str
    icon: Icon
    colour: str


class MiniAppView(MiniAppSummary):
    """`id` names it where roles are given: `mini_app:<id>`. Tasks run in the project `project_id`; `common`: the flow
    is another project's, which shares it. `version` counts what people change, and `updated_by` was the last who did.
    """

    id: str
    project_id: str
    flow_id: str
    common: bool
    revision: int | None
    fixed: dict[str, Any]
    leave_out: list[str]
    schemes: list[str]
    open_to_all: bool
    enabled: bool
    expires_at: datetime | None
    version: int
    created_by: str
    created_at: datetime
    updated_by: str
    updated_at: datetime


class AppPageView(MiniAppSummary):
    """What its page shows. `manages`: the caller may list everybody's tasks of it."""

    project_id: str
    flow_id: str
    revision: int
    form: InputsFormView
    manages: bool


class AppLaunchBody(Body):
    """`revision` is the one whose form was filled in."""

    name: Name | None = None
    inputs: dict[str, Any] = Field(default_factory=dict)
    revision: Revision | None = None
