from typing import Annotated

from pydantic import BaseModel, Field

from orchestrator.flows.schemas import Body, Description, ProblemView
from orchestrator.updates.nodes import Of


class UpdateView(BaseModel):
    """`before` and `after` are versions of a plugin, or revisions of a flow; `name` is the plugin's code or the flow's
    id, `nodes` those of the draft, `breaks` the problems it would have and has not now.
    """

    flow_id: str
    flow_name: str
    of: Of
    name: str
    title: str
    before: str
    after: str
    nodes: list[str]
    breaks: list[ProblemView]


class UpdateList(BaseModel):
    items: list[UpdateView]


class StepBody(Body):
    """One of the updates that are told of."""

    flow_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    of: Of
    name: Annotated[str, Field(min_length=1, max_length=200)]
    before: Annotated[str, Field(min_length=1, max_length=64)]
    after: Annotated[str, Field(min_length=1, max_length=64)]


class UpdatesBody(Body):
    """With `publish`, drafts that held nothing else are published at once; with `together`, all are made or none."""

    updates: Annotated[list[StepBody], Field(min_length=1, max_length=500)]
    publish: bool = False
    together: bool = False
    comment: Description = ""


class OutcomeView(BaseModel):
    """`problem` says why a flow was not moved, or was moved and not published."""

    flow_id: str
    flow_name: str
    nodes: list[str]
    draft_version: int | None
    revision: int | None
    problem: str


class OutcomeList(BaseModel):
    items: list[OutcomeView]
