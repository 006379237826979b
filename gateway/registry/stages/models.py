from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import UtcDateTime
from kernel.ids import new_id


class StageActivation(SQLModel, table=True):
    """A release began to be what a stage serves.

    Attributes:
        number: counts a stage's activations; the newest is what the stage serves.
        kind: `activated`, `rolled_back` or `promoted`.
        back_to: the activation a rollback returns to; none when there is none. After a rollback it is the one before
            that, so that rolling back again goes further back and never forth.
    """

    __tablename__ = "gateway_stage_activation"
    __table_args__ = (UniqueConstraint("system", "stage", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    system: str = Field(max_length=32)
    stage: str = Field(max_length=20)
    number: int
    release_id: str = Field(max_length=32)
    release: str = Field(max_length=32)
    kind: str = Field(max_length=16)
    back_to: int | None = None
    comment: str = Field(default="", max_length=500)
    activated_by: str = Field(max_length=128)
    activated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
