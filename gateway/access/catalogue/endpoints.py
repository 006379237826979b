from typing import Annotated

from fastapi import APIRouter, Query

from gateway.access.catalogue.schemas import (
    HeldGrantView,
    ListedComponentView,
    ListedSystemView,
    ScopeWordsView,
)
from gateway.access.catalogue.service import ListedComponent, ListedSystem
from gateway.dependencies import GatewayDep
from gateway.fields import APP_CODE, SystemPath
from gateway.services import GatewayServices
from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/catalogue", tags=["catalogue"], route_class=StrictJsonRoute)

Words = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$", description="All of them are to be found")]
OneApp = Annotated[str | None, Query(pattern=APP_CODE, description="Left out: all apps of the caller")]
Scopes = Annotated[list[Annotated[str, Query(max_length=200, pattern=r"^[\x21-\x7e]+$")]], Query(max_length=100)]


@router.get("/systems")
async def list_catalogue_systems(
    session: SessionDep, principal: PrincipalDep, page: PageDep, gateway: GatewayDep, q: Words = ""
) -> Page[ListedSystemView]:
    found, following = await gateway.access.catalogue.systems(session, principal, q, page)
    return Page(items=[_system(listed) for listed in found], next=following)


@router.get("/systems/{system}/components")
async def list_catalogue_components(
    system: SystemPath,
    session: SessionDep,
    principal: PrincipalDep,
    page: PageDep,
    gateway: GatewayDep,
    q: Words = "",
    app_code: OneApp = None,
) -> Page[ListedComponentView]:
    """What a system offers, what needs a grant, and which of the caller's apps holds one until when."""
    found, following = await gateway.access.catalogue.components(session, principal, system, q, page, app_code)
    return Page(items=[_component(gateway, listed) for listed in found], next=following)


@router.get("/components")
async def search_catalogue_components(
    session: SessionDep,
    principal: PrincipalDep,
    page: PageDep,
    gateway: GatewayDep,
    q: Words = "",
    app_code: OneApp = None,
) -> Page[ListedComponentView]:
    """The same, of all systems."""
    found, following = await gateway.access.catalogue.components(session, principal, None, q, page, app_code)
    return Page(items=[_component(gateway, listed) for listed in found], next=following)


@router.get("/scopes")
async def describe_scopes(
    session: SessionDep, _principal: PrincipalDep, gateway: GatewayDep, scope: Scopes
) -> Page[ScopeWordsView]:
    """What scopes let an app do, in words."""
    found = await gateway.access.catalogue.scope_words(session, scope)
    return Page(items=[ScopeWordsView.model_validate(words) for words in found])


def _system(listed: ListedSystem) -> ListedSystemView:
    system = listed.system
    return ListedSystemView(
        name=system.name,
        title=system.title,
        description=system.description,
        aliases=system.aliases,
        owner=system.owner,
        components=listed.counts.components,
        free=listed.counts.free,
    )


def _component(gateway: GatewayServices, listed: ListedComponent) -> ListedComponentView:
    component = listed.component
    return ListedComponentView(
        system=listed.system.name,
        system_title=listed.system.title,
        owner=listed.system.owner,
        name=component.name,
        method=component.method,
        path=component.path,
        title=component.title,
        description=component.description,
        texts=component.texts,
        labels=component.labels,
        user_required=component.user_required,
        needs_grant=component.grant_required,
        may_apply=component.allow_apply,
        apply_for=listed.apply_for,
        scopes=[ScopeWordsView.model_validate(words) for words in listed.scopes],
        grants=[
            HeldGrantView(
                id=grant.id,
                application_id=grant.application_id,
                app_code=grant.app_code,
                component=grant.component,
                state=gateway.access.catalogue.state_of(grant).value,
                expires_at=grant.expires_at,
            )
            for grant in listed.grants
        ],
    )
