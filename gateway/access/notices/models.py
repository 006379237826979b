from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from kernel.db.types import UtcDateTime
from kernel.ids import new_id


class Notice(SQLModel, table=True):
    """Word of one step of an application to one person, until it is sent; its id is the mail's idempotency key.

    Attributes:
        attempts: begun so far.
        next_attempt_at: whoever sends it puts this off first, so that nobody else does; null once it was tried for the
            last time.
        problem: why the last attempt did not do.
    """

    __tablename__ = "gateway_access_notice"
    __table_args__ = (Index("ix_gateway_access_notice_next_attempt_at", "next_attempt_at"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    application_id: str = Field(max_length=32)
    username: str = Field(max_length=64)
    title: str = Field(max_length=300)
    content: str = Field(max_length=12_000)
    attempts: int = 0
    next_attempt_at: datetime | None = Field(sa_type=UtcDateTime)
    problem: str = Field(default="", max_length=500)
    created_at: datetime = Field(sa_type=UtcDateTime)
