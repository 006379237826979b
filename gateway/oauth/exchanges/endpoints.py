from fastapi import APIRouter

from gateway.dependencies import GatewayDep
from gateway.fields import AppCodePath, Time, View
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/apps/{app_code}/oauth/exchangers", tags=["apps"], route_class=StrictJsonRoute)


class ExchangePermissionView(View):
    """Attributes:
    app_code: whose tokens may be exchanged.
    exchanger: by which app.
    """

    app_code: str
    exchanger: str
    allowed_by: str
    created_at: Time


@router.get("")
async def list_exchangers(
    app_code: AppCodePath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> Page[ExchangePermissionView]:
    """Which apps may exchange tokens of this one for their own (RFC 8693)."""
    found = await gateway.oauth.exchanges.browse(session, principal, app_code)
    return Page(items=[ExchangePermissionView.model_validate(each) for each in found])


@router.put("/{exchanger}")
async def allow_exchanger(
    app_code: AppCodePath, exchanger: AppCodePath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> ExchangePermissionView:
    """Lets another app act on behalf of this one, and of the people it acts for, with a part of its scopes."""
    return ExchangePermissionView.model_validate(
        await gateway.oauth.exchanges.allow(session, principal, app_code, exchanger)
    )


@router.delete("/{exchanger}", status_code=204)
async def withdraw_exchanger(
    app_code: AppCodePath, exchanger: AppCodePath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> None:
    await gateway.oauth.exchanges.withdraw(session, principal, app_code, exchanger)
