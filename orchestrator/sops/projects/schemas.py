from pydantic import BaseModel


class ProjectSummary(BaseModel):
    """`code` is what the project is called in addresses here."""

    project_id: int
    bk_biz_id: int | None
    name: str
    code: str


class ProjectDetail(BaseModel):
    project_id: int
    project_name: str
    code: str
    bk_biz_id: int | None
    from_cmdb: bool
    bk_biz_name: str
    auth_actions: list[str]
