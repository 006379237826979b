from datetime import datetime

from sqlmodel import Field, SQLModel

from kernel.db.types import UtcDateTime


class FlowTakeRow(SQLModel, table=True):
    """A project has taken a flow of the catalogue, in whatever version; for a flow it is what an install is."""

    __tablename__ = "marketplace_flow_take"

    code: str = Field(primary_key=True, max_length=64, foreign_key="marketplace_plugin.code")
    project_id: str = Field(primary_key=True, max_length=32)
    taken_at: datetime = Field(sa_type=UtcDateTime)
