from datetime import datetime

from sqlmodel import Field, SQLModel

from kernel.db.types import UtcDateTime


class FlowOrigin(SQLModel, table=True):
    """Where a flow was taken from.

    Attributes:
        code, version, digest: of the package in the catalogue.
        part: which flow of the package; empty for the flow itself.
        definition: SHA-256 of the draft as it was taken, by which a later change is seen.
    """

    __tablename__ = "orchestrator_flow_origin"

    flow_id: str = Field(primary_key=True, max_length=32, foreign_key="orchestrator_flow.id")
    project_id: str = Field(max_length=32, index=True)
    code: str = Field(max_length=64)
    version: str = Field(max_length=64)
    digest: str = Field(max_length=71)
    part: str = Field(max_length=64)
    definition: str = Field(max_length=64)
    taken_by: str = Field(max_length=128)
    taken_at: datetime = Field(sa_type=UtcDateTime)
