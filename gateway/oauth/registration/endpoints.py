import json
from collections.abc import Awaitable
from typing import Any

from authlib.oauth2.base import OAuth2Error
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from gateway.dependencies import GatewayDep
from gateway.fields import AppCodePath, IdPath
from gateway.oauth.form import MAX_BYTES
from gateway.oauth.registration.client_metadata import InvalidMetadata
from gateway.oauth.registration.schemas import (
    CreatedRegistrationToken,
    NewRegistrationToken,
    RegistrationTokenView,
)
from gateway.oauth.registration.service import RegistrationService
from gateway.oauth.service import NO_STORE
from kernel.errors import NotFound
from kernel.http.client_address import client_address
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/oauth/register", tags=["oauth"])
tokens_router = APIRouter(prefix="/registration-tokens", tags=["apps"], route_class=StrictJsonRoute)

_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}}


@router.post("", status_code=201, openapi_extra=_BODY)
async def register_client(request: Request, gateway: GatewayDep) -> JSONResponse:
    """Registers a client (RFC 7591), where the setting CLIENT_REGISTRATION allows it."""
    service = _service(gateway.oauth.registration)
    address = client_address(request, frozenset(gateway.settings.trusted_proxies)) or "unknown"

    async def answer() -> dict[str, Any]:
        return await service.register(_token(request), address, await _read(request))

    return await _told(answer(), 201)


@router.get("/{app_code}")
async def show_client(app_code: AppCodePath, request: Request, gateway: GatewayDep) -> JSONResponse:
    """The client's own registration (RFC 7592)."""
    return await _told(_service(gateway.oauth.registration).show(app_code, _token(request)), 200)


@router.put("/{app_code}", openapi_extra=_BODY)
async def change_client(app_code: AppCodePath, request: Request, gateway: GatewayDep) -> JSONResponse:
    """Replaces the client's own registration."""
    service = _service(gateway.oauth.registration)

    async def answer() -> dict[str, Any]:
        return await service.change(app_code, _token(request), await _read(request))

    return await _told(answer(), 200)


@router.delete("/{app_code}", status_code=204)
async def remove_client(app_code: AppCodePath, request: Request, gateway: GatewayDep) -> Response:
    """Ends the client, and everything it was given."""
    try:
        await _service(gateway.oauth.registration).remove(app_code, _token(request))
    except OAuth2Error as error:
        return _refused(error)
    return Response(status_code=204)


@tokens_router.get("")
async def list_registration_tokens(
    session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> Page[RegistrationTokenView]:
    """Your initial access tokens, with which clients register themselves as apps of yours."""
    found = await gateway.oauth.initial_tokens.browse(session, principal)
    return Page(items=[RegistrationTokenView.model_validate(each) for each in found])


@tokens_router.post("", status_code=201)
async def create_registration_token(
    body: NewRegistrationToken, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> CreatedRegistrationToken:
    token, value = await gateway.oauth.initial_tokens.create(session, principal, body.name, body.expires_at)
    view = RegistrationTokenView.model_validate(token)
    return CreatedRegistrationToken(**view.model_dump(), token=value)


@tokens_router.delete("/{token_id}", status_code=204)
async def delete_registration_token(
    token_id: IdPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> None:
    await gateway.oauth.initial_tokens.delete(session, principal, token_id)


def _service(service: RegistrationService) -> RegistrationService:
    """Raises NotFound where clients can't register themselves."""
    if service.registration == "off":
        raise NotFound("Clients don't register themselves here; ask for an app")
    return service


async def _read(request: Request) -> object:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise InvalidMetadata(f"The body must not exceed {MAX_BYTES} bytes")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidMetadata("The body is not JSON") from error


def _token(request: Request) -> str | None:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else None


async def _told(answer: Awaitable[dict[str, Any]], status: int) -> JSONResponse:
    try:
        return JSONResponse(await answer, status, NO_STORE)
    except OAuth2Error as error:
        return _refused(error)


def _refused(error: OAuth2Error) -> JSONResponse:
    told = {"error": error.error, "error_description": error.description or ""}
    challenge = {"WWW-Authenticate": f'Bearer error="{error.error}"'} if error.status_code == 401 else {}  # noqa: PLR2004
    return JSONResponse(told, error.status_code, {**NO_STORE, **challenge})
