from collections.abc import Mapping

from fastapi import APIRouter

from gateway.dependencies import CallerDep, GatewayDep
from gateway.fields import StagePath, SystemPath
from gateway.registry.back_ends.schemas import (
    BackEndSettings,
    BackEndView,
    BlueKingBackEnd,
    ChosenBackEnd,
    LackingComponent,
    WayView,
)
from gateway.registry.back_ends.service import BackEndOrder, DescribedBackEnd
from gateway.registry.back_ends.standards import EMBEDDED, Chosen, Standard
from gateway.registry.signing.orders import signing_order
from gateway.snapshot.endpoints import WaitQuery
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/systems/{system}/stages/{stage}", tags=["stages"], route_class=StrictJsonRoute)


@router.get("/back-end")
async def get_back_end(
    system: SystemPath, stage: StagePath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> BackEndView:
    """What answers the standard components of a stage, and the ways there are."""
    return _view(await gateway.back_ends.get(session, principal, system, stage))


@router.put("/back-end")
async def choose_back_end(
    system: SystemPath,
    stage: StagePath,
    body: BackEndSettings,
    caller: CallerDep,
    gateway: GatewayDep,
    wait: WaitQuery = 2.0,
) -> ChosenBackEnd:
    """Has the standard components answered by the embedded system, or by BlueKing's own: release, address and signing
    change together, and no component changes its name.
    """
    order = BackEndOrder(system, stage, EMBEDDED)
    if isinstance(body, BlueKingBackEnd):
        signing = signing_order(system, stage, body.signing) if body.signing is not None else None
        chosen = Chosen("blueking", body.through)
        order = BackEndOrder(system, stage, chosen, body.address, signing, body.variables)
    described, revision = await gateway.back_ends.choose(gateway.database, caller, order)
    return ChosenBackEnd(
        back_end=_view(described), revision=revision, live=await gateway.live.wait_live(revision, wait)
    )


def _view(described: DescribedBackEnd) -> BackEndView:
    chosen, standard = described.chosen, described.standard
    return BackEndView(
        back_end=chosen.back_end if chosen is not None else None,
        through=chosen.through if chosen is not None else None,
        release=described.release,
        address=described.address,
        lacking=_lacking(described.lacking),
        ways=_ways(standard) if standard is not None else [],
    )


def _ways(standard: Standard) -> list[WayView]:
    return [
        WayView(through=name, signing=list(way.signing), lacking=_lacking(standard.lacking(Chosen("blueking", name))))
        for name, way in standard.table.ways.items()
    ]


def _lacking(found: Mapping[str, str]) -> list[LackingComponent]:
    return [LackingComponent(component=name, reason=reason) for name, reason in found.items()]
