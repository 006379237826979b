"""OpenID Connect: our sign-in is the sign-in of apps."""

from typing import Any

from authlib.oauth2.rfc6749.errors import InvalidRequestError
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from gateway.dependencies import GatewayDep
from gateway.identity.sessions.service import COOKIE
from gateway.oauth.authorization.error_page import error_page
from gateway.oauth.authorization.persons import person_at, principal_of
from gateway.oauth.errors import UntrustedRequest
from gateway.oauth.form import read_parameters
from gateway.oauth.http import answered, headers_and_body

router = APIRouter(tags=["oauth"])

_SEE_OTHER = 303


@router.get("/.well-known/openid-configuration")
async def describe_openid_provider(gateway: GatewayDep) -> dict[str, Any]:
    """OpenID Connect Discovery 1.0 §3."""
    return await gateway.oauth.documents.openid_configuration()


@router.get("/oauth/userinfo")
async def get_userinfo(request: Request, gateway: GatewayDep) -> JSONResponse:
    """What an access token with the scope openid tells of its person."""
    headers, _ = await headers_and_body(request)
    return answered(await gateway.oauth.userinfo.answer(request.method, headers))


@router.post("/oauth/userinfo")
async def post_userinfo(request: Request, gateway: GatewayDep) -> JSONResponse:
    """As by GET."""
    headers, _ = await headers_and_body(request)
    return answered(await gateway.oauth.userinfo.answer(request.method, headers))


@router.get("/oauth/logout", status_code=_SEE_OTHER, response_class=RedirectResponse)
async def sign_out_for_app(request: Request, gateway: GatewayDep) -> Response:
    """Signs the person out whose ID token the app shows, and sends him on."""
    return await _sign_out(request, request.url.query.encode(), gateway)


@router.post("/oauth/logout", status_code=_SEE_OTHER, response_class=RedirectResponse)
async def sign_out_for_app_by_form(request: Request, gateway: GatewayDep) -> Response:
    """As by GET."""
    _, body = await headers_and_body(request)
    return await _sign_out(request, body, gateway)


async def _sign_out(request: Request, encoded: bytes, gateway: GatewayDep) -> Response:
    async with gateway.database.reading() as session:
        person = await person_at(request, session, gateway)
    username = person.username if person is not None else None
    try:
        parameters = read_parameters(encoded)
        async with gateway.database.unit_of_work() as session:
            address = await gateway.oauth.logout.address(session, parameters, username)
            if person is not None:
                principal = principal_of(person, request, gateway)
                await gateway.sessions.sign_out(session, principal, request.cookies.get(COOKIE, ""))
    except InvalidRequestError as problem:
        return error_page(problem.description)
    except UntrustedRequest as problem:
        return error_page(str(problem))
    answer = RedirectResponse(address, _SEE_OTHER, {"Cache-Control": "no-store"})
    answer.delete_cookie(COOKIE, httponly=True, samesite="lax")
    return answer
