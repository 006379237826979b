from typing import Annotated

from fastapi import APIRouter, Query

from gateway.dependencies import GatewayDep
from gateway.snapshot.schemas import SnapshotView, WorkerView
from kernel.http.dependencies import PrincipalDep
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/gateway", tags=["gateway"], route_class=StrictJsonRoute)

WaitQuery = Annotated[
    float, Query(ge=0, le=60, description="How long, in seconds, to wait until every gateway process serves the change")
]


@router.get("/snapshot")
async def get_snapshot(_principal: PrincipalDep, gateway: GatewayDep) -> SnapshotView:
    workers = await gateway.live.workers()
    return SnapshotView(
        revision=await gateway.live.revision(), workers=[WorkerView.model_validate(worker) for worker in workers]
    )
