from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime
from sqlmodel import col
from starlette.responses import StreamingResponse

from kernel.audit.chain import Anchor
from kernel.audit.filters import AuditFilters
from kernel.audit.lines import to_line
from kernel.audit.models import AuditRecord
from kernel.audit.reading import check_log, sealed_batches
from kernel.audit.schemas import AuditRecordView, AuditVerification
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer, Resource, ResourceKind
from kernel.db.database import Database
from kernel.db.pages import read_page
from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page

router = APIRouter(prefix="/audit", tags=["audit"])
MEDIA_TYPE = "application/x-ndjson"
# PostgreSQL takes no NUL, not even to compare with.
Filter = Annotated[str | None, Query(max_length=256, pattern=r"^[^\x00]*$")]
Moment = Annotated[AwareDatetime | None, Query()]
AnchorQuery = Annotated[str | None, Query(pattern=r"^[0-9]{1,18}:[0-9a-f]{64}$")]


def _authorizer(request: Request) -> Authorizer:
    found: Authorizer = request.app.state.authorizer
    return found


def _database(request: Request) -> Database:
    found: Database = request.app.state.database
    return found


AuthorizerDep = Annotated[Authorizer, Depends(_authorizer)]
DatabaseDep = Annotated[Database, Depends(_database)]


@router.get("")
async def list_audit_records(
    session: SessionDep,
    principal: PrincipalDep,
    authorizer: AuthorizerDep,
    page: PageDep,
    action: Filter = None,
    actor: Filter = None,
    on_behalf_of: Filter = None,
    kind: Filter = None,
    resource: Filter = None,
    task: Filter = None,
    project: Filter = None,
    request: Filter = None,
    since: Moment = None,
    until: Moment = None,
) -> Page[AuditRecordView]:
    """Newest first. Auditors of a project see its records; the whole log needs a platform right.

    `action` ending in a dot finds all that begin so: `grant.`.
    """
    where = Resource(ResourceKind.PROJECT, project) if project else PLATFORM
    await authorizer.require(session, principal, Action.AUDIT_VIEW, where)
    filters = AuditFilters(action, actor, on_behalf_of, kind, resource, task, project, request, since, until)
    found = await read_page(session, filters.statement(), col(AuditRecord.id), page, newest_first=True)
    return Page(
        items=[AuditRecordView.model_validate(row, from_attributes=True) for row in found.items], next=found.next
    )


@router.get("/export", response_class=StreamingResponse, responses={200: {"content": {MEDIA_TYPE: {}}}})
async def export_audit_log(
    session: SessionDep,
    principal: PrincipalDep,
    authorizer: AuthorizerDep,
    database: DatabaseDep,
    after: Annotated[int, Query(ge=0, lt=2**63)] = 0,
) -> StreamingResponse:
    """Every sealed record behind the one numbered `after`, a JSON line each, with the hash chain: it can be verified
    without this server.
    """
    await authorizer.require(session, principal, Action.AUDIT_VIEW, PLATFORM)
    return StreamingResponse(_lines(database, after), media_type=MEDIA_TYPE)


@router.get("/verification")
async def verify_audit_chain(
    session: SessionDep,
    principal: PrincipalDep,
    authorizer: AuthorizerDep,
    database: DatabaseDep,
    anchor: AnchorQuery = None,
) -> AuditVerification:
    """Reads the whole chain and checks that no sealed record was changed, moved or removed; with an anchor of an
    earlier verification also that nothing was cut off or computed anew since.
    """
    await authorizer.require(session, principal, Action.AUDIT_VIEW, PLATFORM)
    return AuditVerification.of(await check_log(database, Anchor.parse(anchor) if anchor is not None else None))


async def _lines(database: Database, after: int) -> AsyncIterator[str]:
    async for batch in sealed_batches(database, after):
        yield "".join(to_line(record) + "\n" for record in batch)
