import json
from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import StreamingResponse

from gateway.dataplane.answer_pieces import answer_pieces
from gateway.dependencies import CallerDep, GatewayDep
from gateway.fields import ComponentPath, StagePath, SystemPath
from gateway.registry.console_calls.schemas import ConsoleCall
from kernel.errors import Invalid
from kernel.http.event_streams import MEDIA_TYPE
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
    return Response(answer.body, status_code=answer.status, media_type=_media_type(answer.headers))


@router.get(
    "/components/{component}:follow",
    response_class=StreamingResponse,
    responses={200: {"content": {MEDIA_TYPE: {}}, "description": "The component's events"}},
)
async def follow_component(
    system: SystemPath,
    stage: StagePath,
    component: ComponentPath,
    caller: CallerDep,
    gateway: GatewayDep,
    params: Annotated[str, Query(max_length=10_000, description="The component's parameters, a JSON object")] = "{}",
    last_event_id: Annotated[str | None, Header(max_length=200, pattern=r"^[!-~]*$")] = None,
) -> Response:
    """Calls a component that answers server-sent events, and sends them on as they come. As for `:call`, and only for
    components that change nothing.
    """
    exchange = await gateway.console_calls.follow(
        gateway.database, caller, system, stage, component, _object(params), last_event_id
    )
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in exchange.answer_headers]
    return StreamingResponse(
        answer_pieces(exchange),
        status_code=exchange.status or 504,
        media_type=_media_type(headers),
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _media_type(headers: Iterable[tuple[str, str]]) -> str:
    return next((value for name, value in headers if name.lower() == "content-type"), "application/json")


def _object(params: str) -> dict[str, Any]:
    try:
        value = json.loads(params)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise Invalid.field("params", "is no JSON object", 'Send the parameters as an object such as {"id": 1}')
    return value
