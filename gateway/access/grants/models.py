from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import JsonValue, UtcDateTime
from kernel.ids import new_id


class Grant(SQLModel, table=True):
    """An app's permission on one component, or on a whole system (`component` is null).

    Attributes:
        application_id: the same for all that were asked for at once.
        renews: the grant this one is to follow.
        state: as last written; `states.state_at` tells the state of now.
        days: asked for; null means without end.
        remind_at: when somebody is to be reminded of the end; null when nobody is any more.
    """

    __tablename__ = "gateway_grant"
    __table_args__ = (
        Index("ix_gateway_grant_target", "app_code", "system", "component"),
        Index("ix_gateway_grant_state_expires_at", "state", "expires_at"),
        Index("ix_gateway_grant_state_remind_at", "state", "remind_at"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    application_id: str = Field(max_length=32, index=True)
    renews: str | None = Field(default=None, max_length=32)
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
    remind_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class GrantEvent(SQLModel, table=True):
    """One step in the life of an application, as applicant and owner read it.

    Attributes:
        number: counts an application's steps from 1.
        step: applied, approved, refused, asked, answered, withdrawn, revoked, expired, renewed or reminded.
        components: which of its grants it was about; null among them is the whole system.
    """

    __tablename__ = "gateway_grant_event"
    __table_args__ = (UniqueConstraint("application_id", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    application_id: str = Field(max_length=32)
    number: int
    step: str = Field(max_length=16)
    actor: str = Field(max_length=128)
    text: str = Field(default="", max_length=4000)
    components: list[str | None] = Field(sa_type=JsonValue)
    at: datetime = Field(sa_type=UtcDateTime)
