from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from kernel.names import NameRule
from orchestrator.flows.schemas import Body


class LabelBody(Body):
    """`colour` is `#rrggbb`."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50), NameRule]
    colour: Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")] = "#3a6ee8"


class LabelView(BaseModel):
    id: str
    project_id: str
    name: str
    colour: str


class LabelList(BaseModel):
    items: list[LabelView]


class LabelsOfFlow(Body):
    """Ids of labels of the flow's project."""

    labels: Annotated[list[str], Field(max_length=20)]
