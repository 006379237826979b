"""OpenID Connect: our sign-in is the sign-in of apps."""

import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from authlib.oauth2.rfc6749.errors import InvalidRequestError
from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse, RedirectResponse, Response

from gateway.dependencies import GatewayDep
from gateway.identity.sessions.service import COOKIE, LiveSession
from gateway.oauth.authorization.error_page import error_page
from gateway.oauth.authorization.persons import principal_of
from gateway.oauth.errors import UntrustedRequest
from gateway.oauth.form import read_parameters
from gateway.oauth.http import answered, headers_and_body
from gateway.oauth.oidc.logout_page import CONFIRMED, logout_page

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
    """Signs the person out whose ID token the app shows, and sends him on; without one the person is asked."""
    return await _sign_out(request, request.url.query.encode(), gateway)


@router.post("/oauth/logout", status_code=_SEE_OTHER, response_class=RedirectResponse)
async def sign_out_for_app_by_form(request: Request, gateway: GatewayDep) -> Response:
    """As by GET; the page that asks the person answers here."""
    _, body = await headers_and_body(request)
    return await _sign_out(request, body, gateway)


async def _sign_out(request: Request, encoded: bytes, gateway: GatewayDep) -> Response:
    try:
        parameters = read_parameters(encoded)
        async with gateway.database.unit_of_work() as session:
            live = await _live_session(request, session, gateway)
            asked = await gateway.oauth.logout.read(session, parameters, live.user.username if live else None)
            if not asked.is_proven and not _confirmed(live, parameters):
                return _ask(request, parameters, asked.address, live)
            if live is not None:
                principal = principal_of(live.user.username, request, gateway)
                await gateway.sessions.sign_out(session, principal, request.cookies.get(COOKIE, ""))
    except InvalidRequestError as problem:
        return error_page(problem.description)
    except UntrustedRequest as problem:
        return error_page(str(problem))
    answer = _onward(asked.address)
    answer.delete_cookie(COOKIE, httponly=True, samesite="lax")
    return answer


async def _live_session(request: Request, session: AsyncSession, gateway: GatewayDep) -> LiveSession | None:
    cookie = request.cookies.get(COOKIE)
    return await gateway.sessions.find(session, cookie) if cookie else None


def _confirmed(live: LiveSession | None, parameters: Mapping[str, str]) -> bool:
    told = parameters.get(CONFIRMED, "")
    return live is not None and hmac.compare_digest(told.encode(), live.session.csrf_token.encode())


def _ask(request: Request, parameters: Mapping[str, str], address: str, live: LiveSession | None) -> Response:
    if request.method == "POST":
        # A browser leaves the session's cookie out of a form from another site, but not out of what it leads to.
        kept = {name: value for name, value in parameters.items() if name != CONFIRMED}
        return _onward(f"/oauth/logout?{urlencode(kept)}")
    if live is None:
        return _onward(address)
    return logout_page(
        parameters,
        address,
        username=live.user.username,
        csrf_token=live.session.csrf_token,
        language=request.headers.get("accept-language", "").lower(),
    )


def _onward(address: str) -> Response:
    return RedirectResponse(address, _SEE_OTHER, {"Cache-Control": "no-store"})
