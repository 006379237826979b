from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import JsonValue, UtcDateTime
from kernel.ids import new_id


class AuditRecord(SQLModel, table=True):
    """One decision or administrative change.

    `sequence`, `previous_hash` and `hash` are empty until the record is sealed into the chain.
    """

    __tablename__ = "kernel_audit_record"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime, index=True)
    actor_kind: str = Field(max_length=16)
    actor: str = Field(max_length=128, index=True)
    on_behalf_of: str | None = Field(default=None, max_length=128)
    action: str = Field(max_length=64, index=True)
    resource_kind: str = Field(max_length=32)
    resource_id: str = Field(max_length=256, index=True)
    project_id: str | None = Field(default=None, max_length=32, index=True)
    task_id: str | None = Field(default=None, max_length=32, index=True)
    before: dict[str, Any] | None = Field(default=None, sa_type=JsonValue)
    after: dict[str, Any] | None = Field(default=None, sa_type=JsonValue)
    request_id: str = Field(default="", max_length=64)
    ip: str | None = Field(default=None, max_length=64)
    sequence: int | None = Field(default=None, index=True, unique=True)
    previous_hash: str | None = Field(default=None, max_length=64)
    hash: str | None = Field(default=None, max_length=64)
