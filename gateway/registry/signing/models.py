from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import JsonValue, SealedText, UtcDateTime
from kernel.ids import new_id


class StageSigning(SQLModel, table=True):
    """What a stage's signing profile needs besides the system's own keys; a profile that needs nothing has no row.

    Attributes:
        parameters: by the names of the management API; nothing secret.
        sealed: the secret of profiles that have one.
    """

    __tablename__ = "gateway_stage_signing"
    __table_args__ = (UniqueConstraint("system", "stage"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    system: str = Field(max_length=32)
    stage: str = Field(max_length=20)
    profile: str = Field(max_length=32)
    parameters: dict[str, str] = Field(sa_type=JsonValue)
    sealed: str | None = Field(default=None, sa_type=SealedText(8000))
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
