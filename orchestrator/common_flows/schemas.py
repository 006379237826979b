from datetime import datetime
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field

from orchestrator.flows.schemas import Body

InProject = Annotated[
    str | None,
    Query(min_length=1, max_length=128, description="The project that runs a common flow of another, by id or code."),
]


class CommonFlowBody(Body):
    """`projects` that may run it, by id or code; all where there are none."""

    projects: Annotated[list[Annotated[str, Field(min_length=1, max_length=128)]], Field(max_length=1000)] = Field(
        default_factory=list
    )


class CommonFlowView(BaseModel):
    """`owner` is the code of the project the flow belongs to; `projects` those that may run it, all where there are
    none.
    """

    flow_id: str
    name: str
    description: str
    owner: str
    latest_revision: int
    shared_at: datetime
    projects: list[str]
    shared_by: str


class CommonFlowList(BaseModel):
    items: list[CommonFlowView]
