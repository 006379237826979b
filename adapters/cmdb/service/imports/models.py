from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue, UtcDateTime
from kernel.ids import new_id

FILE = ""
"""Stands for the source of hosts that came by a file somebody sent."""

RUNNING = "running"


class HostOrigin(SQLModel, table=True):
    """That a host came from a source; a host may come from several.

    Attributes:
        source_name: as it was called then; of a file its name.
        external_id: what the source calls the host.
        missing_since: when the source had it no longer.
    """

    __tablename__ = "adapter_cmdb_host_origin"

    bk_host_id: int = Field(foreign_key="adapter_cmdb_host.bk_host_id", ondelete="CASCADE", primary_key=True)
    source_id: str = Field(default=FILE, primary_key=True, max_length=32, index=True)
    source_name: str = Field(max_length=256)
    external_id: str = Field(default="", max_length=256)
    run_id: str = Field(max_length=32)
    first_seen_at: datetime = Field(sa_type=UtcDateTime)
    last_seen_at: datetime = Field(sa_type=UtcDateTime)
    missing_since: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ImportRun(SQLModel, table=True):
    """One import: of a file, or of a source.

    Attributes:
        state: running, finished, failed, or broken_off: its process was gone.
        counts: created, changed, same, refused, vanished.
        problems: the first refused rows.
        problem: why it failed; empty when it didn't.
    """

    __tablename__ = "adapter_cmdb_import_run"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    source_id: str = Field(default=FILE, max_length=32, index=True)
    source_name: str = Field(max_length=256)
    kind: str = Field(max_length=16)
    bk_biz_id: int = 0
    state: str = Field(max_length=16)
    counts: dict[str, int] = Field(default_factory=dict, sa_type=JsonValue)
    problems: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonValue)
    problem: str = Field(default="", max_length=1000)
    started_by: str = Field(max_length=128)
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
