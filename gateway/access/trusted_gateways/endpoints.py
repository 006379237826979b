from typing import Annotated

from fastapi import APIRouter, Path

from gateway.access.trusted_gateways.schemas import TrustedGatewayInput, TrustedGatewayView
from gateway.dependencies import CallerDep, GatewayDep
from gateway.snapshot.schemas import LiveView
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/trusted-gateways", tags=["platform"], route_class=StrictJsonRoute)

KeyIdPath = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,64}$", description="`kid` of the gateway's tokens")]


@router.get("")
async def list_trusted_gateways(
    session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> Page[TrustedGatewayView]:
    """Gateways whose `X-Bkapi-JWT` is believed about app and user."""
    found = await gateway.trusted_gateways.browse(session, principal)
    return Page(items=[TrustedGatewayView.model_validate(each) for each in found])


@router.put("/{kid}")
async def put_trusted_gateway(
    kid: KeyIdPath, body: TrustedGatewayInput, caller: CallerDep, gateway: GatewayDep
) -> LiveView:
    async with gateway.database.unit_of_work() as session:
        _, revision = await gateway.trusted_gateways.put(session, caller, kid, body.title, body.public_key)
    return LiveView(revision=revision, live=await gateway.live.wait_live(revision))


@router.delete("/{kid}")
async def delete_trusted_gateway(kid: KeyIdPath, caller: CallerDep, gateway: GatewayDep) -> LiveView:
    async with gateway.database.unit_of_work() as session:
        revision = await gateway.trusted_gateways.remove(session, caller, kid)
    return LiveView(revision=revision, live=await gateway.live.wait_live(revision))
