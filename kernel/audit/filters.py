"""Which records of the audit log somebody looks for."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlmodel import col

from kernel.audit.models import AuditRecord


@dataclass(frozen=True, slots=True)
class AuditFilters:
    """All that are given must hold.

    Attributes:
        action: a whole one, or its beginning up to a dot: `grant.`.
        resource: the id of what was changed; `kind` is what sort of thing that is.
        since: the first moment; `until` is the first one that no longer counts.
    """

    action: str | None = None
    actor: str | None = None
    on_behalf_of: str | None = None
    kind: str | None = None
    resource: str | None = None
    task: str | None = None
    project: str | None = None
    request: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def statement(self) -> Select[AuditRecord]:
        found = select(AuditRecord)
        for column, value in (
            (AuditRecord.actor, self.actor),
            (AuditRecord.on_behalf_of, self.on_behalf_of),
            (AuditRecord.resource_kind, self.kind),
            (AuditRecord.resource_id, self.resource),
            (AuditRecord.task_id, self.task),
            (AuditRecord.project_id, self.project),
            (AuditRecord.request_id, self.request),
        ):
            if value is not None:
                found = found.where(col(column) == value)
        if self.action is not None:
            action = col(AuditRecord.action)
            begins = self.action.endswith(".")
            found = found.where(action.startswith(self.action, autoescape=True) if begins else action == self.action)
        if self.since is not None:
            found = found.where(col(AuditRecord.at) >= self.since)
        if self.until is not None:
            found = found.where(col(AuditRecord.at) < self.until)
        return found
