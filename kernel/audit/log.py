"""Writing the audit log: always in the transaction of the change itself."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.models import AuditRecord
from kernel.principal import Principal


def record(
    session: AsyncSession,
    principal: Principal,
    action: str,
    resource_kind: str,
    resource_id: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    project_id: str | None = None,
    task_id: str | None = None,
) -> None:
    """Adds an audit record to the unit of work: it commits with the change or not at all.

    Args:
        action: `<noun>.<past participle>`, e.g. `grant.approved`.
        before: the changed part of the state, without any secret.
    """
    session.add(
        AuditRecord(
            actor_kind=principal.kind.value,
            actor=principal.id,
            on_behalf_of=principal.on_behalf_of,
            action=action,
            resource_kind=resource_kind,
            resource_id=resource_id,
            project_id=project_id or principal.project_id,
            task_id=task_id or principal.task_id,
            before=dict(before) if before is not None else None,
            after=dict(after) if after is not None else None,
            request_id=principal.request_id,
            ip=principal.ip,
        )
    )
