from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue, SealedText, UtcDateTime
from kernel.ids import new_id


class ImportSource(SQLModel, table=True):
    """Where hosts are read from, again and again.

    Attributes:
        kind: netbox, or ssh: a sweep over addresses.
        settings: of its kind, without any secret.
        sealed_secret: the token, or the key or password; empty when there is none.
        every_minutes: null when it runs only when somebody says so.
        vanished: what becomes of a host that the source has no longer: leave, mark, or recycle.
        next_run_at: null when no run is due.
        lease_until: while a process runs it.
    """

    __tablename__ = "adapter_cmdb_import_source"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    name: str = Field(max_length=128, unique=True)
    kind: str = Field(max_length=16)
    bk_biz_id: int = 0
    settings: dict[str, Any] = Field(sa_type=JsonValue)
    sealed_secret: str = Field(default="", sa_type=SealedText)
    every_minutes: int | None = None
    vanished: str = Field(default="mark", max_length=16)
    enabled: bool = True
    next_run_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    run_by: str = Field(default="", max_length=128)
    created_by: str = Field(max_length=128)
    created_at: datetime = Field(sa_type=UtcDateTime)


class SweepHostKey(SQLModel, table=True):
    """The key by which a sweep knows a host: that of their first meeting."""

    __tablename__ = "adapter_cmdb_sweep_host_key"

    source_id: str = Field(
        foreign_key="adapter_cmdb_import_source.id", ondelete="CASCADE", primary_key=True, max_length=32
    )
    address: str = Field(primary_key=True, max_length=64)
    public_key: str = Field(max_length=4000)
    fingerprint: str = Field(max_length=128)
    met_at: datetime = Field(sa_type=UtcDateTime)
