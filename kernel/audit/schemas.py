from datetime import datetime
from typing import Any

from pydantic import BaseModel

from kernel.audit.chain import ChainCheck


class AuditRecordView(BaseModel):
    """`sequence` is the place in the hash chain; null until the record is sealed, within seconds."""

    id: str
    at: datetime
    actor_kind: str
    actor: str
    on_behalf_of: str | None
    action: str
    resource_kind: str
    resource_id: str
    project_id: str | None
    task_id: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    request_id: str
    ip: str | None
    sequence: int | None


class AuditVerification(BaseModel):
    """Attributes:
    breaks: where the chain doesn't hold; empty when it does.
    anchor: the newest sealed record as `sequence:hash`. Kept outside, it proves later that nothing was cut off.
    """

    checked: int
    holds: bool
    breaks: list[str]
    anchor: str

    @classmethod
    def of(cls, check: ChainCheck) -> "AuditVerification":
        breaks = [f"{found.sequence}: {found.reason}" for found in check.breaks]
        return cls(checked=check.last.sequence, holds=not breaks, breaks=breaks, anchor=str(check.last))
