from typing import Annotated

from fastapi import APIRouter, Path, Request

from kernel.contracts.authenticator import Authenticator
from kernel.db.database import Database
from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute
from kernel.principal import Principal
from marketplace.dependencies import IdentityServiceDep, PublisherServiceDep
from marketplace.publishers.dns_proof import record_name, record_text
from marketplace.publishers.identities.proof_life import ProofLife
from marketplace.publishers.marks import Mark, marks_of
from marketplace.publishers.models import NamespaceRow, PublisherRow
from marketplace.publishers.schemas import DnsRecord, DomainBody, NamespaceBody, NamespaceView, PublisherView

router = APIRouter(tags=["plugins"], route_class=StrictJsonRoute)

Publisher = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_-]{1,63}$")]
Prefix = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{1,62}$")]


@router.get("/publishers")
async def list_publishers(
    session: SessionDep,
    principal: PrincipalDep,
    publishers: PublisherServiceDep,
    identities: IdentityServiceDep,
    page: PageDep,
) -> Page[PublisherView]:
    """By name."""
    found, cursor = await publishers.publishers(session, page)
    marks = await marks_of(session, [row.name for row in found])
    items = [_publisher_view(row, principal, marks.get(row.name), identities.life) for row in found]
    return Page(items=items, next=cursor)


@router.put("/publishers/{publisher}/domain")
async def claim_publisher_domain(
    publisher: Publisher,
    body: DomainBody,
    session: SessionDep,
    principal: PrincipalDep,
    publishers: PublisherServiceDep,
    identities: IdentityServiceDep,
) -> PublisherView:
    """Says whose domain the publisher is; `record` is what its DNS has to say before that counts."""
    row = await publishers.claim_domain(session, principal, publisher, body.domain)
    mark = (await marks_of(session, [publisher])).get(publisher)
    return _publisher_view(row, principal, mark, identities.life)


@router.post("/publishers/{publisher}:verify")
async def verify_publisher(
    publisher: Publisher, request: Request, publishers: PublisherServiceDep, identities: IdentityServiceDep
) -> PublisherView:
    """Looks the domain's DNS up: what it says gives the mark or takes it away."""
    # No transaction is open while somebody else's servers are asked.
    database: Database = request.app.state.database
    authenticator: Authenticator = request.app.state.authenticator
    async with database.reading() as session:
        principal = await authenticator.authenticate(session, request)
        asked = await publishers.asked(session, principal, publisher)
    found = await publishers.look_up(asked[0])
    async with database.unit_of_work() as session:
        row = await publishers.note_proof(session, principal, publisher, asked, found)
        marks = await marks_of(session, [publisher])
    return _publisher_view(row, principal, marks.get(publisher), identities.life)


@router.get("/plugin-namespaces")
async def list_plugin_namespaces(
    session: SessionDep,
    principal: PrincipalDep,  # noqa: ARG001  authors must know what they can't choose
    publishers: PublisherServiceDep,
) -> Page[NamespaceView]:
    found = await publishers.namespaces(session)
    return Page(items=[_namespace_view(row) for row in found], next=None)


@router.put("/plugin-namespaces/{prefix}")
async def reserve_plugin_namespace(
    prefix: Prefix,
    body: NamespaceBody,
    session: SessionDep,
    principal: PrincipalDep,
    publishers: PublisherServiceDep,
) -> NamespaceView:
    """Keeps new codes that begin with the prefix for these publishers."""
    return _namespace_view(await publishers.reserve(session, principal, prefix, body.publishers))


@router.delete("/plugin-namespaces/{prefix}", status_code=204)
async def release_plugin_namespace(
    prefix: Prefix, session: SessionDep, principal: PrincipalDep, publishers: PublisherServiceDep
) -> None:
    await publishers.release(session, principal, prefix)


def _publisher_view(row: PublisherRow, principal: Principal, mark: Mark | None, life: ProofLife) -> PublisherView:
    told = row.domain is not None and row.challenge is not None and (principal.is_admin or row.owner == principal.id)
    record = DnsRecord(name=record_name(row.domain or ""), text=record_text(row.name, row.challenge or ""))
    return PublisherView(
        name=row.name,
        owner=row.owner,
        created_at=row.created_at,
        domain=row.domain,
        verified_at=row.verified_at,
        checked_at=row.checked_at,
        verified_identity=mark.identity if mark is not None else None,
        proven_until=life.until(mark.last_token_at) if mark is not None else None,
        record=record if told else None,
    )


def _namespace_view(row: NamespaceRow) -> NamespaceView:
    return NamespaceView(
        prefix=row.prefix, publishers=row.publishers, reserved_by=row.reserved_by, reserved_at=row.reserved_at
    )
