"""Plans that are executed by themselves, at times of a rule or once."""

from enum import IntEnum

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.db.types import SealedText


class CronStatus(IntEnum):
    STARTED = 1
    PAUSED = 2


class JobCron(SQLModel, table=True):
    """A cron of one scope. One of `expression` and `execute_ms` says when.

    Attributes:
        variables_sealed: values for the plan's variables, which hold secrets.
        app, user, project: in whose name the plan is executed: who saved it last.
        next_ms: when it is due; none while it is paused.
        last_job_instance_id: what the last time became; `last_problem`: why it became nothing.
    """

    __tablename__ = "adapter_job_cron"
    __table_args__ = (UniqueConstraint("bk_scope_type", "bk_scope_id", "name"), {"sqlite_autoincrement": True})

    id: int = Field(default=None, primary_key=True)
    bk_scope_type: str = Field(max_length=16)
    bk_scope_id: str = Field(max_length=32)
    name: str = Field(max_length=128)
    job_plan_id: int
    status: int = Field(default=CronStatus.PAUSED)
    expression: str = Field(default="", max_length=200)
    execute_ms: int | None = Field(default=None, sa_type=BigInteger)
    time_zone: str = Field(default="UTC", max_length=64)
    variables_sealed: str = Field(sa_type=SealedText)
    app: str = Field(max_length=128)
    user: str = Field(default="", max_length=128)
    project: str = Field(default="", max_length=64)
    next_ms: int | None = Field(default=None, sa_type=BigInteger, index=True)
    last_ms: int | None = Field(default=None, sa_type=BigInteger)
    last_job_instance_id: int | None = None
    last_problem: str = Field(default="", max_length=1000)
    creator: str = Field(max_length=128)
    create_ms: int = Field(sa_type=BigInteger)
    last_modify_user: str = Field(max_length=128)
    last_modify_ms: int = Field(sa_type=BigInteger)
