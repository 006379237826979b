from typing import Annotated

from fastapi import APIRouter, Query

from gateway.access.grants.duration import AS_APPLIED, Duration
from gateway.access.grants.models import Grant
from gateway.access.grants.repository import GrantFilter
from gateway.access.grants.schemas import (
    Approval,
    DecidedGrant,
    GrantApplication,
    GrantView,
    Lasting,
    Reasoned,
    RenewalInput,
)
from gateway.access.grants.service import Renewal
from gateway.access.grants.states import GrantState
from gateway.dependencies import CallerDep, GatewayDep
from gateway.fields import APP_CODE, SYSTEM_NAME, IdPath, Moment
from gateway.services import GatewayServices
from kernel.errors import Invalid
from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/grants", tags=["grants"], route_class=StrictJsonRoute)


@router.get("")
async def list_grants(
    session: SessionDep,
    principal: PrincipalDep,
    page: PageDep,
    gateway: GatewayDep,
    app_code: Annotated[str | None, Query(pattern=APP_CODE)] = None,
    system: Annotated[str | None, Query(pattern=SYSTEM_NAME)] = None,
    state: GrantState | None = None,
    expires_before: Moment | None = None,
) -> Page[GrantView]:
    wanted = GrantFilter(app_code, system, state, expires_before)
    found = await gateway.grants.browse(session, principal, wanted, page)
    return Page(items=[grant_view(gateway, grant) for grant in found.items], next=found.next)


@router.post("", status_code=201)
async def apply_for_grants(
    body: GrantApplication, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> Page[GrantView]:
    """One application with a grant per component; what stands already is answered, not filed twice."""
    grants = await gateway.grants.apply(
        session,
        principal,
        app_code=body.app_code,
        system=body.system,
        components=body.components,
        reason=body.reason,
        days=body.days,
    )
    return Page(items=[grant_view(gateway, grant) for grant in grants])


@router.post(":renew", status_code=201)
async def renew_grants(
    body: RenewalInput, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> Page[GrantView]:
    """Applies to go on with grants that hold or have expired; one application for all."""
    grants = await gateway.grants.renew(session, principal, Renewal(body.grant_ids, body.reason, body.days))
    return Page(items=[grant_view(gateway, grant) for grant in grants])


@router.get("/{grant_id}")
async def get_grant(grant_id: IdPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep) -> GrantView:
    return grant_view(gateway, await gateway.grants.get(session, principal, grant_id))


@router.post("/{grant_id}:approve")
async def approve_grant(
    grant_id: IdPath, caller: CallerDep, gateway: GatewayDep, body: Approval | None = None
) -> DecidedGrant:
    async with gateway.database.unit_of_work() as session:
        grant, revision = await gateway.grants.approve(
            session,
            caller,
            grant_id,
            until=duration_of(body),
            comment=body.comment if body is not None else "",
        )
    return await _decided(gateway, grant, revision)


@router.post("/{grant_id}:refuse")
async def refuse_grant(grant_id: IdPath, body: Reasoned, caller: CallerDep, gateway: GatewayDep) -> DecidedGrant:
    async with gateway.database.unit_of_work() as session:
        grant, revision = await gateway.grants.refuse(session, caller, grant_id, comment=body.comment)
    return await _decided(gateway, grant, revision)


@router.post("/{grant_id}:revoke")
async def revoke_grant(grant_id: IdPath, body: Reasoned, caller: CallerDep, gateway: GatewayDep) -> DecidedGrant:
    async with gateway.database.unit_of_work() as session:
        grant, revision = await gateway.grants.revoke(session, caller, grant_id, comment=body.comment)
    return await _decided(gateway, grant, revision)


def duration_of(body: Lasting | None) -> Duration:
    if body is None or ("days" not in body.model_fields_set and body.expires_at is None):
        return AS_APPLIED
    if body.days is not None and body.expires_at is not None:
        raise Invalid.field("expires_at", "stands beside days", "Send one of the two")
    return Duration(body.days, body.expires_at)


def grant_view(gateway: GatewayServices, grant: Grant) -> GrantView:
    view = GrantView.model_validate(grant)
    return view.model_copy(update={"state": gateway.grants.state_of(grant).value})


async def _decided(gateway: GatewayServices, grant: Grant, revision: int) -> DecidedGrant:
    view = grant_view(gateway, grant)
    return DecidedGrant(**view.model_dump(), revision=revision, live=await gateway.live.wait_live(revision))
