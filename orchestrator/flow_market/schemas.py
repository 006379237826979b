from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from kernel.http.field_problems import SaidView
from orchestrator.flows.schemas import Body, ComparisonView

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,63}$")]
Version = Annotated[str, Field(min_length=1, max_length=64)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Revision = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]


class Words(Body):
    en: Text
    zh: Text


class ShareableView(BaseModel):
    """What a package of the flow would hold: `inside` names the flows that come along, `plugins` the ranges of versions
    that may run it, `secrets` those that a project must have, `people` nodes from which people are taken out.
    """

    revision: int
    inside: list[str]
    plugins: dict[str, str]
    secrets: list[str]
    people: list[str]


class FlowShareBody(Body):
    """`revision` is the one that is shared, the latest when left out; `channel` stable when left out, or beta for a
    pre-release.
    """

    code: Code
    version: Version
    publisher: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{1,63}$")]
    name: Words
    description: Words
    tags: Annotated[list[Annotated[str, Field(max_length=32)]], Field(max_length=10)] = Field(default_factory=list)
    readme: Annotated[str, Field(min_length=1, max_length=100_000)]
    changelog: Annotated[str, Field(min_length=1, max_length=100_000)]
    revision: Revision | None = None
    channel: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")] | None = None


class SharedFlowView(BaseModel):
    """`reasons`: why somebody has to approve it."""

    code: str
    version: str
    digest: str
    outcome: Literal["published", "unchanged", "waiting"]
    reasons: list[SaidView]


class NeededPluginView(BaseModel):
    """`installed` is the version in the range that the project has, `offered` the highest that the catalogue offers."""

    code: str
    versions: str
    installed: str | None
    offered: str | None


class PartPlanView(BaseModel):
    """`part` is empty for the flow itself. `changed`: somebody changed the project's flow since it was taken."""

    part: str
    name: str
    flow_id: str | None
    changed: bool
    comparison: ComparisonView | None


class TakePlanView(BaseModel):
    """`before` is the version that the project has. `withdrawn`: why this one can't be taken; null where it can.
    `variables` are those that the flows name and the project has not.
    """

    code: str
    version: str
    digest: str
    before: str | None
    withdrawn: str | None
    parts: list[PartPlanView]
    plugins: list[NeededPluginView]
    secrets: list[str]
    variables: list[str]
    people: list[str]


class TakeBody(Body):
    """`publish` each flow at once, if it may be; `overwrite` flows that were changed here too."""

    code: Code
    version: Version
    publish: bool = False
    overwrite: bool = False


class TakenFlowView(BaseModel):
    """`revision` is null where it stays a draft; `problem`: why, where it was to be published."""

    flow_id: str
    name: str
    part: str
    made: bool
    revision: int | None
    problem: str


class TakenView(BaseModel):
    items: list[TakenFlowView]


class FlowOriginView(BaseModel):
    """`changed`: somebody changed the flow since. `newest`: the highest version that the catalogue offers."""

    code: str
    version: str
    digest: str
    part: str
    changed: bool
    newest: str | None
    taken_by: str
    taken_at: datetime
