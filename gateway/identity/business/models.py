from datetime import datetime

from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue, UtcDateTime


class ProjectBusiness(SQLModel, table=True):
    """The CMDB business a project belongs to, whose roles are synchronised into the project.

    Attributes:
        roles: the business's role field → the project's role.
        strangers: people of the business who have no account here; they get their roles once they have one.
        problem: why the last attempt brought nothing; the roles stay what they were.
    """

    __tablename__ = "gateway_project_business"

    project_id: str = Field(primary_key=True, max_length=32)
    bk_biz_id: int
    roles: dict[str, str] = Field(sa_type=JsonValue)
    bound_by: str = Field(max_length=128)
    next_sync_at: datetime = Field(sa_type=UtcDateTime, index=True)
    synced_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    strangers: list[str] = Field(default_factory=list, sa_type=JsonValue)
    problem: str = Field(default="", max_length=1000)
