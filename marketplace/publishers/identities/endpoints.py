from typing import Annotated

from fastapi import APIRouter, Path, Request

from kernel.db.database import Database
from kernel.http.dependencies import PrincipalDep, SessionDep, id_of_request
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute
from marketplace.dependencies import IdentityServiceDep
from marketplace.publishers.identities.models import PublisherIdentityRow
from marketplace.publishers.identities.proof_life import ProofLife
from marketplace.publishers.identities.schemas import (
    ExchangeBody,
    PublisherIdentityBody,
    PublisherIdentityView,
    PublishTokenView,
)

router = APIRouter(prefix="/publishers/{publisher}", tags=["plugins"], route_class=StrictJsonRoute)

Publisher = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_-]{1,63}$")]
Id = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


@router.get("/identities")
async def list_publisher_identities(
    publisher: Publisher, session: SessionDep, principal: PrincipalDep, identities: IdentityServiceDep
) -> Page[PublisherIdentityView]:
    """Whose tokens publish under the publisher's name."""
    found = await identities.browse(session, principal, publisher)
    return Page(items=[_identity_view(row, identities.life) for row in found], next=None)


@router.post("/identities", status_code=201)
async def add_publisher_identity(
    publisher: Publisher,
    body: PublisherIdentityBody,
    session: SessionDep,
    principal: PrincipalDep,
    identities: IdentityServiceDep,
) -> PublisherIdentityView:
    """Lets tokens of a pipeline publish; the first of them proves who the publisher is."""
    row = await identities.add(session, principal, publisher, body.issuer, body.subject, body.plugins)
    return _identity_view(row, identities.life)


@router.delete("/identities/{identity}", status_code=204)
async def remove_publisher_identity(
    publisher: Publisher, identity: Id, session: SessionDep, principal: PrincipalDep, identities: IdentityServiceDep
) -> None:
    """Its tokens publish no more, and what they were exchanged for ends."""
    await identities.remove(session, principal, publisher, identity)


@router.post(":exchange")
async def exchange_identity_token(
    publisher: Publisher, body: ExchangeBody, request: Request, identities: IdentityServiceDep
) -> PublishTokenView:
    """A short right to publish one plugin, for a token of an identity of the publisher, which is all it asks."""
    # No transaction is open while the issuer's keys are fetched.
    bearer = await identities.bearer(body.identity_token.get_secret_value())
    database: Database = request.app.state.database
    async with database.unit_of_work() as session:
        issued = await identities.exchange(session, publisher, body.plugin, bearer, id_of_request(request))
    return PublishTokenView(token=issued.token, plugin=issued.plugin, expires_at=issued.expires_at)


def _identity_view(row: PublisherIdentityRow, life: ProofLife) -> PublisherIdentityView:
    until = life.until(row.last_used_at) if row.proven_at is not None else None
    return PublisherIdentityView(**row.model_dump(exclude={"warned_at"}), proven_until=until)
