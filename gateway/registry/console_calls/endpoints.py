from typing import Any

from fastapi import APIRouter, Response

from gateway.dependencies import CallerDep, GatewayDep
from gateway.fields import ComponentPath, StagePath, SystemPath
from gateway.registry.console_calls.schemas import ConsoleCall
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/systems/{system}/stages/{stage}", tags=["systems"], route_class=StrictJsonRoute)


@router.post("/components/{component}:call", response_model=dict[str, Any])
async def call_component(
    system: SystemPath,
    stage: StagePath,
    component: ComponentPath,
    body: ConsoleCall,
    caller: CallerDep,
    gateway: GatewayDep,
) -> Response:
    """Calls a component on your behalf and answers what it answered, as it came. For those who manage the system."""
    answer = await gateway.console_calls.call(gateway.database, caller, system, stage, component, body.params)
    kind = next((value for name, value in answer.headers if name.lower() == "content-type"), "application/json")
    return Response(answer.body, status_code=answer.status, media_type=kind)
