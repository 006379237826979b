from datetime import datetime

from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue, UtcDateTime


class CommonFlow(SQLModel, table=True):
    """A flow that other projects may launch, and run inside theirs.

    Attributes:
        projects: ids of those that may; all where there are none.
    """

    __tablename__ = "orchestrator_common_flow"

    flow_id: str = Field(primary_key=True, max_length=32, foreign_key="orchestrator_flow.id")
    projects: list[str] = Field(sa_type=JsonValue)
    shared_by: str = Field(max_length=128)
    shared_at: datetime = Field(sa_type=UtcDateTime)

    def is_for(self, project_id: str) -> bool:
        return not self.projects or project_id in self.projects
