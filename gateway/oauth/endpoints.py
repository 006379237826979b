from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from gateway.dependencies import GatewayDep
from gateway.fields import SystemPath
from gateway.oauth.form import form_body
from gateway.oauth.http import answered, headers_and_body
from gateway.oauth.metadata import authorization_server_metadata
from gateway.oauth.schemas import TokenForm, TokenQuestion

router = APIRouter(tags=["oauth"])


@router.post("/oauth/token", openapi_extra=form_body(TokenForm))
async def issue_token(request: Request, gateway: GatewayDep) -> JSONResponse:
    """Tokens for an app (RFC 6749 §3.2); errors as §5.2 says."""
    return answered(await gateway.oauth.tokens.answer(*await headers_and_body(request)))


@router.post("/oauth/introspect", openapi_extra=form_body(TokenQuestion))
async def introspect_token(request: Request, gateway: GatewayDep) -> JSONResponse:
    """What a token says (RFC 7662), for the app it was given to and for those whose resource it is for."""
    headers, body = await headers_and_body(request)
    return answered(await gateway.oauth.client_endpoint.answer(headers, body, gateway.oauth.introspection.answer))


@router.post("/oauth/revoke", openapi_extra=form_body(TokenQuestion))
async def revoke_token(request: Request, gateway: GatewayDep) -> JSONResponse:
    """Gives a token back (RFC 7009); every process refuses it from then on."""
    headers, body = await headers_and_body(request)
    return answered(await gateway.oauth.client_endpoint.answer(headers, body, gateway.oauth.revocation.answer))


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


@router.get("/.well-known/oauth-protected-resource/api/{system}")
async def describe_system_as_resource(system: SystemPath, gateway: GatewayDep) -> dict[str, Any]:
    """A system as a protected resource of its own (RFC 9728 §3.1)."""
    return await gateway.oauth.documents.protected_system(system)
