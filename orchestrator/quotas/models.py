from datetime import datetime

from sqlmodel import Field, SQLModel

from kernel.db.types import UtcDateTime


class ProjectQuota(SQLModel, table=True):
    """What a project may have at once; under the empty project, what holds for those without quotas of their own.

    Attributes:
        running_tasks: that are under way; further ones wait.
        queued_tasks: that wait for that; further ones are refused.
        launches_per_minute: further ones are refused.
        calls_at_once: plugin calls under way in each worker; further ones wait.
    """

    __tablename__ = "orchestrator_quota"

    project_id: str = Field(primary_key=True, max_length=32)
    running_tasks: int | None = Field(default=None)
    queued_tasks: int | None = Field(default=None)
    launches_per_minute: int | None = Field(default=None)
    calls_at_once: int | None = Field(default=None)
    updated_by: str = Field(max_length=128)
    updated_at: datetime = Field(sa_type=UtcDateTime)
