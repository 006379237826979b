from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from kernel.errors import FieldProblem, PayloadTooLarge
from kernel.http.dependencies import SessionDep
from kernel.http.query_names import OTHERS_LEAD_HERE
from kernel.json_input import read_json
from orchestrator.dependencies import CallbackServiceDep

router = APIRouter(tags=["callbacks"])

MAX_BYTES = 1024 * 1024
_BODY = {"requestBody": {"content": {"application/json": {"schema": {}}}, "required": True}}


async def _run_of(token: str, callbacks: CallbackServiceDep) -> str:
    return callbacks.run_of(token)


async def _data(request: Request, _run: Annotated[str, Depends(_run_of)]) -> Any:
    """The body, read before a transaction is opened: a sender who takes his time must hold up nobody."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            problem = FieldProblem("body", "is too large", f"Send at most {MAX_BYTES} bytes")
            raise PayloadTooLarge(f"A callback has at most {MAX_BYTES} bytes", fields=[problem])
    return read_json(bytes(body))


@router.post("/callbacks/{token}", status_code=202, openapi_extra=_BODY, dependencies=[OTHERS_LEAD_HERE])
async def receive_callback(
    run: Annotated[str, Depends(_run_of)],
    data: Annotated[Any, Depends(_data)],
    session: SessionDep,
    callbacks: CallbackServiceDep,
) -> dict[str, bool]:
    """What an upstream system has to say to a node that waits; nobody signs in, the token is the credential."""
    await callbacks.receive(session, run, data)
    return {"accepted": True}
