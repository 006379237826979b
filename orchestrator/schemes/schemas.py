from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from kernel.names import NameRule
from orchestrator.flows.schemas import Body

SchemeName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), NameRule]
SchemeIds = Annotated[list[str], Field(max_length=100)]
_Nodes = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=10_000)]


class SchemeBody(Body):
    """`keep` names the optional nodes that run; the others are left out."""

    name: SchemeName
    keep: _Nodes


class SchemesBody(Body):
    """Schemes from elsewhere; nodes that aren't optional ones of the flow are passed over."""

    schemes: Annotated[list[SchemeBody], Field(max_length=100)]


class SchemeView(BaseModel):
    """`gone` are nodes it names that the flow no longer has as optional ones, `unseen` optional nodes that came since:
    they run.
    """

    id: str
    flow_id: str
    name: str
    keep: list[str]
    leave_out: list[str]
    gone: list[str]
    unseen: list[str]
    updated_by: str
    updated_at: datetime


class SchemeList(BaseModel):
    items: list[SchemeView]
