from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kernel.names import NameRule
from kernel.wording import PlainParam
from orchestrator.flow.difference import Change
from orchestrator.flows.copying import Lack

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), NameRule]
Description = Annotated[str, StringConstraints(max_length=2000)]


class Body(BaseModel):
    """A request body: an unknown member is a mistake, not a wish."""

    model_config = ConfigDict(extra="forbid")


class FlowCreate(Body):
    name: Name
    description: Description = ""


class FlowView(BaseModel):
    """`labels` are ids of labels of its project; `favourite` is the caller's own."""

    id: str
    project_id: str
    name: str
    description: str
    draft_version: int
    latest_revision: int | None
    minutes_by_hand: int
    labels: list[str]
    favourite: bool
    updated_at: datetime


class FlowCopy(Body):
    """`project` is another one, by id or code; `revision` one that is published, and the draft when left out."""

    name: Name
    project: Annotated[str, StringConstraints(min_length=1, max_length=128)] | None = None
    revision: Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)] | None = None


class MissingView(BaseModel):
    """Something the copy names that its project has not; of secrets, that it must have."""

    kind: Lack
    name: str
    nodes: list[str]


class CopyView(BaseModel):
    flow: FlowView
    missing: list[MissingView]


class DraftPut(Body):
    """`draft_version` is the version the definition was made from."""

    definition: Any
    draft_version: int = Field(strict=True, ge=1, le=2**31 - 1)


class DraftView(BaseModel):
    flow_id: str
    definition: dict[str, Any]
    draft_version: int
    updated_by: str
    updated_at: datetime


class ProblemView(BaseModel):
    """`field` lies inside the node or edge when one is named, otherwise inside the definition. `code` finds the
    sentence in other languages, for which `params` are its values by name; it is empty where there is English alone.
    """

    rule: str
    node_id: str | None
    edge_id: str | None
    field: str | None
    message: str
    remedy: str
    blocking: bool
    code: str
    params: dict[str, PlainParam]


class ValidationView(BaseModel):
    problems: list[ProblemView]


class PublishBody(Body):
    """`draft_version`, when sent, must be the draft's: what is published is then what was looked at."""

    comment: Description = ""
    draft_version: int | None = Field(default=None, strict=True, ge=1, le=2**31 - 1)


class RevisionSummary(BaseModel):
    flow_id: str
    number: int
    scopes: list[str]
    plugins: dict[str, list[str]]
    comment: str
    published_by: str
    published_at: datetime


class RevisionView(RevisionSummary):
    definition: dict[str, Any]


class CompareBody(Body):
    definition: Any


class RenameInputBody(Body):
    """`name` is the input's now, `to` what it is to be; `draft_version` is the draft's that was read."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    to: Annotated[str, Field(min_length=1, max_length=200)]
    draft_version: int = Field(strict=True, ge=1, le=2**31 - 1)


class RestoreBody(Body):
    """`draft_version` is the draft's that is to be overwritten."""

    draft_version: int = Field(strict=True, ge=1, le=2**31 - 1)


class FieldChangeView(BaseModel):
    """`field` is a JSON Pointer inside the node, the edge or the definition."""

    field: str
    change: Change
    before: Any
    after: Any


class PartChangeView(BaseModel):
    """A node or an edge; `fields` are those of a changed one."""

    id: str
    change: Change
    fields: list[FieldChangeView]


class ComparisonView(BaseModel):
    """`fields` are those of the definition itself, `moved` nodes that stand elsewhere on the canvas, and `picture` is a
    definition with everything of both sides.
    """

    nodes: list[PartChangeView]
    edges: list[PartChangeView]
    fields: list[FieldChangeView]
    moved: list[str]
    picture: dict[str, Any]
