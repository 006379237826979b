from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from gateway.dependencies import GatewayDep
from gateway.oauth.form import MAX_BYTES, MEDIA_TYPE
from gateway.oauth.metadata import authorization_server_metadata
from gateway.oauth.schemas import TokenForm

router = APIRouter(tags=["oauth"])


@router.post(
    "/oauth/token",
    openapi_extra={
        "requestBody": {"required": True, "content": {MEDIA_TYPE: {"schema": TokenForm.model_json_schema()}}}
    },
)
async def issue_token(request: Request, gateway: GatewayDep) -> JSONResponse:
    """Tokens for an app (RFC 6749 §3.2); errors as §5.2 says."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            break
    # A header that is sent twice counts as one that says both, which none of ours can.
    headers = {name: ", ".join(request.headers.getlist(name)) for name in request.headers}
    answer = await gateway.oauth.tokens.answer(headers, body)
    return JSONResponse(answer.body, answer.status, answer.headers)


@router.get("/oauth/jwks")
async def get_jwks(gateway: GatewayDep) -> dict[str, Any]:
    """The public keys of our tokens (RFC 7517)."""
    return await gateway.oauth.documents.jwks()


@router.get("/.well-known/oauth-authorization-server")
async def describe_authorization_server(gateway: GatewayDep) -> dict[str, Any]:
    registers = gateway.settings.client_registration != "off"
    return authorization_server_metadata(gateway.issuer, registers=registers)


@router.get("/.well-known/oauth-protected-resource")
async def describe_protected_resource(gateway: GatewayDep) -> dict[str, Any]:
    return await gateway.oauth.documents.protected_resource()
