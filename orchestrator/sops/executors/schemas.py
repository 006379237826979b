from typing import Annotated

from pydantic import BaseModel, Field

from orchestrator.sops.schemas import InProject, Number

_Person = Annotated[str, Field(max_length=128)]


class ModifyProjectExecutor(InProject):
    """Empty names nobody. `executor_proxy_exempts` are none here, so only an empty one is taken."""

    executor_proxy: _Person
    executor_proxy_exempts: Annotated[str, Field(max_length=10_000)]


class ProjectExecutor(BaseModel):
    project_id: int
    executor_proxy: str
    executor_proxy_exempts: str = ""


class ModifyTemplateExecutor(InProject):
    """Empty names nobody."""

    template_id: Number
    executor_proxy: _Person


class TemplateExecutor(BaseModel):
    template_id: int
    executor_proxy: str
