from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import UtcDateTime
from kernel.ids import new_id


class Grant(SQLModel, table=True):
    """An app's permission on one component, or on a whole system (`component` is null).

    Attributes:
        state: as last written; `states.state_at` tells the state of now.
        days: asked for; null means without end.
    """

    __tablename__ = "gateway_grant"
    __table_args__ = (
        Index("ix_gateway_grant_target", "app_code", "system", "component"),
        Index("ix_gateway_grant_state_expires_at", "state", "expires_at"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    app_code: str = Field(max_length=32)
    system: str = Field(max_length=32, index=True)
    component: str | None = Field(default=None, max_length=128)
    state: str = Field(max_length=16)
    reason: str = Field(default="", max_length=4000)
    days: int | None = None
    applied_by: str = Field(max_length=128)
    applied_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    decided_by: str | None = Field(default=None, max_length=128)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    comment: str = Field(default="", max_length=4000)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
