"""Who changed what in the inventory: its part of the audit log, in BlueKing's words."""

from typing import Any, Final

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.cmdb.service.errors import ParameterWrong
from adapters.cmdb.service.history import schemas
from adapters.cmdb.service.paging import OBJECTS_LIMIT
from adapters.cmdb.service.repository import InventoryRepository
from kernel.audit.models import AuditRecord
from kernel.http.signed_only import SignedCaller

_KINDS: Final = {f"cmdb_{kind}": kind for kind in ("business", "set", "module", "host", "cloud_area", "attribute")}
_ACTIONS: Final = {
    "created": "create", "updated": "update", "deleted": "delete", "transferred": "transfer_host_module",
}  # fmt: skip


class HistoryService:
    def __init__(self, repository: InventoryRepository) -> None:
        self._repository = repository

    async def list_operations(
        self, session: AsyncSession, _caller: SignedCaller, asked: schemas.ListOperationAudit
    ) -> Any:
        """The youngest first."""
        if asked.page.sort:
            raise ParameterWrong("page.sort", "the history is always in the order of time, the youngest first")
        limit = asked.page.limit if asked.page.limit is not None else OBJECTS_LIMIT
        if limit > OBJECTS_LIMIT:
            raise ParameterWrong("page.limit", f"{limit} is more than {OBJECTS_LIMIT}; ask page by page")
        statement = select(AuditRecord).where(*_clauses(asked.condition))
        ordered = statement.order_by(col(AuditRecord.at).desc(), col(AuditRecord.id).desc())
        count, rows = await self._repository.page(session, statement, ordered.offset(asked.page.start).limit(limit))
        return {"count": count, "info": [_operation(row) for row in rows]}


def _clauses(condition: schemas.HistoryCondition) -> list[ColumnElement[bool]]:
    kinds = [kind for kind, name in _KINDS.items() if condition.resource_type in {None, name}]
    clauses: list[ColumnElement[bool]] = [col(AuditRecord.resource_kind).in_(kinds)]
    if condition.resource_id is not None:
        ids = condition.resource_id if isinstance(condition.resource_id, list) else [condition.resource_id]
        clauses.append(col(AuditRecord.resource_id).in_([str(each) for each in ids]))
    if condition.action:
        happened = [each for each, name in _ACTIONS.items() if name in condition.action]
        clauses.append(col(AuditRecord.action).in_([f"{kind}.{each}" for kind in kinds for each in happened]))
    if condition.user is not None:
        clauses.append(or_(col(AuditRecord.actor) == condition.user, col(AuditRecord.on_behalf_of) == condition.user))
    if condition.operation_time.start is not None:
        clauses.append(col(AuditRecord.at) >= condition.operation_time.start)
    if condition.operation_time.end is not None:
        clauses.append(col(AuditRecord.at) <= condition.operation_time.end)
    return clauses


def _operation(row: AuditRecord) -> dict[str, Any]:
    return {
        "id": row.id,
        "user": row.on_behalf_of or row.actor,
        "app_code": row.actor,
        "resource_type": _KINDS[row.resource_kind],
        "resource_id": int(row.resource_id),
        "action": _ACTIONS[row.action.partition(".")[2]],
        "operation_detail": {"details": {"pre_data": row.before or {}, "cur_data": row.after or {}}},
        "operation_time": row.at.isoformat().replace("+00:00", "Z"),
        "rid": row.request_id,
    }
