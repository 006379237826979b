"""The identity providers, kept by administrators; and who people are there."""

from typing import Annotated

from fastapi import APIRouter, Path

from gateway.dependencies import GatewayDep
from gateway.fields import IdPath, UsernamePath
from gateway.identity.providers.models import IdentityProvider
from gateway.identity.providers.schemas import (
    PROVIDER_NAME,
    IdentityInput,
    IdentityView,
    ProviderInput,
    ProviderView,
)
from gateway.services import GatewayServices
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/identity-providers", tags=["identity providers"], route_class=StrictJsonRoute)
identities_router = APIRouter(
    prefix="/users/{username}/identities", tags=["identity providers"], route_class=StrictJsonRoute
)

ProviderPath = Annotated[str, Path(pattern=PROVIDER_NAME)]


@router.get("")
async def list_identity_providers(
    session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> Page[ProviderView]:
    found = await gateway.identity.providers.browse(session, principal)
    return Page(items=[view(gateway, provider) for provider in found])


@router.get("/{name}")
async def get_identity_provider(
    name: ProviderPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> ProviderView:
    return view(gateway, await gateway.identity.providers.find(session, principal, name))


@router.put("/{name}")
async def put_identity_provider(
    name: ProviderPath, body: ProviderInput, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> ProviderView:
    return view(gateway, await gateway.identity.providers.put(session, principal, name, body))


@router.delete("/{name}", status_code=204)
async def delete_identity_provider(
    name: ProviderPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> None:
    """Ends the sessions and takes away the roles that stood on its word."""
    await gateway.identity.providers.remove(session, principal, name)


@identities_router.get("")
async def list_identities(
    username: UsernamePath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> Page[IdentityView]:
    found = await gateway.identity.providers.identities(session, principal, username)
    return Page(items=[IdentityView.model_validate(each) for each in found])


@identities_router.post("", status_code=201)
async def link_identity(
    username: UsernamePath, body: IdentityInput, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> IdentityView:
    """Whoever is that subject of the provider signs in as this person from then on."""
    identity = await gateway.identity.providers.link(session, principal, username, body.provider, body.subject)
    return IdentityView.model_validate(identity)


@identities_router.delete("/{identity_id}", status_code=204)
async def unlink_identity(
    username: UsernamePath, identity_id: IdPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> None:
    await gateway.identity.providers.unlink(session, principal, username, identity_id)


def view(gateway: GatewayServices, provider: IdentityProvider) -> ProviderView:
    columns = provider.model_dump(exclude={"client_secret", "id"})
    return ProviderView(
        **columns,
        has_client_secret=provider.client_secret is not None,
        redirect_uri=gateway.identity.oidc.redirect_uri(provider.name),
    )
