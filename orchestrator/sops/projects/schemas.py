from pydantic import BaseModel

from orchestrator.sops.schemas import Asked, InProject


class ListProjects(Asked):
    """`include_executor_proxy` tells in whose name tasks call where their flows name nobody."""

    include_executor_proxy: bool = False


class GetProject(InProject, ListProjects):
    """`include_staff_groups` tells the project's notice groups."""

    include_staff_groups: bool = False


class ProjectSummary(BaseModel):
    """`code` is what the project is called in addresses here. `executor_proxy` is left out unless it is asked for."""

    project_id: int
    bk_biz_id: int | None
    name: str
    code: str
    executor_proxy: str = ""


class StaffGroup(BaseModel):
    """`members` are names between commas."""

    id: int
    project_id: int
    name: str
    members: str


class ProjectDetail(BaseModel):
    project_id: int
    project_name: str
    code: str
    bk_biz_id: int | None
    from_cmdb: bool
    bk_biz_name: str
    auth_actions: list[str]
    executor_proxy: str = ""
    staff_groups: list[StaffGroup] = []
