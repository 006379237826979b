from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import Select, select
from sqlmodel import col

from kernel.audit.chain import GENESIS, find_breaks
from kernel.audit.models import AuditRecord
from kernel.audit.schemas import AuditRecordView, AuditVerification
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer, Resource, ResourceKind
from kernel.db.pages import read_page
from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page

router = APIRouter(prefix="/audit", tags=["audit"])
_BATCH = 1000
# PostgreSQL takes no NUL, not even to compare with.
Filter = Annotated[str | None, Query(max_length=256, pattern=r"^[^\x00]*$")]


def _authorizer(request: Request) -> Authorizer:
    found: Authorizer = request.app.state.authorizer
    return found


AuthorizerDep = Annotated[Authorizer, Depends(_authorizer)]


@router.get("")
async def list_audit_records(
    session: SessionDep,
    principal: PrincipalDep,
    authorizer: AuthorizerDep,
    page: PageDep,
    action: Filter = None,
    actor: Filter = None,
    resource: Filter = None,
    task: Filter = None,
    project: Filter = None,
) -> Page[AuditRecordView]:
    """Newest first. Auditors of a project see its records; the whole log needs a platform right."""
    where = Resource(ResourceKind.PROJECT, project) if project else PLATFORM
    await authorizer.require(session, principal, Action.AUDIT_VIEW, where)
    statement = _filtered(
        {
            AuditRecord.action: action,
            AuditRecord.actor: actor,
            AuditRecord.resource_id: resource,
            AuditRecord.task_id: task,
            AuditRecord.project_id: project,
        }
    )
    found = await read_page(session, statement, col(AuditRecord.id), page, newest_first=True)
    return Page(
        items=[AuditRecordView.model_validate(row, from_attributes=True) for row in found.items], next=found.next
    )


@router.get("/verification")
async def verify_audit_chain(
    session: SessionDep, principal: PrincipalDep, authorizer: AuthorizerDep
) -> AuditVerification:
    """Reads the whole chain and checks that no sealed record was changed, moved or removed."""
    await authorizer.require(session, principal, Action.AUDIT_VIEW, PLATFORM)
    checked, previous, breaks = 0, GENESIS, list[str]()
    while True:
        statement = (
            select(AuditRecord)
            .where(col(AuditRecord.sequence) > checked)
            .order_by(col(AuditRecord.sequence))
            .limit(_BATCH)
        )
        batch = (await session.execute(statement)).scalars().all()
        if not batch:
            return AuditVerification(checked=checked, holds=not breaks, breaks=breaks)
        breaks += [f"{found.sequence}: {found.reason}" for found in find_breaks(batch, previous, checked + 1)]
        previous, checked = batch[-1].hash or "", batch[-1].sequence or 0
        session.expunge_all()


def _filtered(filters: dict[object, str | None]) -> Select[AuditRecord]:
    statement = select(AuditRecord)
    for column, value in filters.items():
        if value is not None:
            statement = statement.where(col(column) == value)
    return statement
