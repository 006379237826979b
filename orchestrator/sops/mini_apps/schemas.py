from typing import Annotated

from pydantic import BaseModel, Field

from orchestrator.sops.schemas import InProject


class ListMiniApps(InProject):
    limit: Annotated[int, Field(ge=1, le=200)] = 100
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class MiniAppRow(BaseModel):
    """`template_scheme_id` are the schemes by which its tasks are made, as `get_template_schemes` names them, between
    commas. `code` stands in its address.
    """

    id: int
    name: str
    code: str
    link: str
    category: str
    task_template_id: int
    template_scheme_id: str
    auth_actions: list[str]
