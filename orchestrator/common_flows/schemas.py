from typing import Annotated

from pydantic import BaseModel, Field

from orchestrator.flows.schemas import Body


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
    projects: list[str]
    shared_by: str


class CommonFlowList(BaseModel):
    items: list[CommonFlowView]
