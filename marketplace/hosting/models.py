from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.db.types import UtcDateTime
from kernel.ids import new_id


class HostedState(StrEnum):
    """How a hosted plugin does.

    IDLE: nobody has called it for a while; the next call starts it.
    BACKING_OFF: it ended by itself, and is started again after a pause.
    FAILED: it can't be made to run; `detail` says why.
    STOPPED: by an operator, until he starts it.
    """

    PREPARING = "preparing"
    RUNNING = "running"
    IDLE = "idle"
    BACKING_OFF = "backing_off"
    FAILED = "failed"
    STOPPED = "stopped"


class HostedPlugin(SQLModel, table=True):
    """A plugin version that is run here, or on whichever machine has it: only that machine starts its process.

    Attributes:
        machine: has its data, and renews the lease.
        is_stopped: what an operator wants.
        restart_at: when he last asked for a restart.
        waiting: runs that had not ended when it was last asked.
        memory: bytes in use when it was last measured.
    """

    __tablename__ = "marketplace_hosted_plugin"
    __table_args__ = (UniqueConstraint("plugin", "version"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    plugin: str = Field(max_length=64)
    version: str = Field(max_length=64)
    digest: str = Field(max_length=71)
    state: str = Field(default=HostedState.PREPARING.value, max_length=16)
    detail: str = Field(default="", max_length=2000)
    machine: str | None = Field(default=None, max_length=64)
    leased_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    is_stopped: bool = False
    restart_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    restarts: int = 0
    pid: int = 0
    waiting: int = 0
    memory: int = Field(default=0, sa_type=BigInteger)
    cpu_seconds: float = 0.0
    start_seconds: float = 0.0
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
