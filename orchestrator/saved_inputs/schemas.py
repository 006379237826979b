from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from orchestrator.flows.schemas import Body, Name


class SavedInputsBody(Body):
    """`inputs` need not be complete; what the form takes as a secret is refused. `shared`: for all who may launch."""

    name: Name
    inputs: dict[str, Any] = Field(default_factory=dict)
    shared: bool = False


class SavedInputsView(BaseModel):
    """`inputs` as the form of the newest revision takes them; `dropped` names those it takes no more."""

    id: str
    flow_id: str
    owner: str
    name: str
    shared: bool
    inputs: dict[str, Any]
    dropped: list[str]
    updated_at: datetime


class SavedInputsList(BaseModel):
    items: list[SavedInputsView]


class LastInputsView(BaseModel):
    """Of the newest task; `dropped` as in `SavedInputsView`."""

    task_id: str
    at: datetime
    inputs: dict[str, Any]
    dropped: list[str]
