from fastapi import APIRouter

from gateway.dependencies import GatewayDep
from gateway.snapshot.schemas import SnapshotView, WorkerView
from kernel.http.dependencies import PrincipalDep
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/gateway", tags=["gateway"], route_class=StrictJsonRoute)


@router.get("/snapshot")
async def get_snapshot(_principal: PrincipalDep, gateway: GatewayDep) -> SnapshotView:
    workers = await gateway.live.workers()
    return SnapshotView(
        revision=await gateway.live.revision(), workers=[WorkerView.model_validate(worker) for worker in workers]
    )
