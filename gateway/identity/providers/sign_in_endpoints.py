"""Where browsers go to sign in other than by password."""

from typing import Annotated
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from gateway.dependencies import GatewayDep
from gateway.identity.providers.attempts import COOKIE, MINUTES, safe_redirect
from gateway.identity.providers.endpoints import ProviderPath
from gateway.identity.providers.schemas import SignInMethods, SignInProvider
from gateway.identity.providers.sign_in import Callback
from gateway.identity.sessions.cookies import browser_of, set_cookies
from kernel.errors import TrunklineError
from kernel.http.dependencies import SessionDep
from kernel.http.query_names import OTHERS_LEAD_HERE
from kernel.settings import Settings

router = APIRouter(prefix="/sign-in", tags=["session"])

_PATH = "/v1/sign-in"
_log = structlog.get_logger()

Redirect = Annotated[str, Query(max_length=1000, description="Page of the console to go on to")]
Parameter = Annotated[str, Query(max_length=4000)]


@router.get("/methods")
async def sign_in_methods(session: SessionDep, gateway: GatewayDep) -> SignInMethods:
    """How one may sign in here; asked before anybody is signed in."""
    offered = await gateway.identity.providers.offered(session)
    return SignInMethods(
        password=True,
        providers=[SignInProvider.model_validate(provider) for provider in offered],
        blueking=gateway.identity.blueking.is_configured,
    )


@router.get("/oidc/{name}", status_code=303, response_class=RedirectResponse)
async def begin_sign_in(name: ProviderPath, gateway: GatewayDep, redirect: Redirect = "/") -> Response:
    """Leads to the provider's page."""
    try:
        begun = await gateway.identity.oidc.begin(name, redirect)
    except TrunklineError as error:
        return _to_sign_in_page(error, redirect)
    response = RedirectResponse(begun.address, 303)
    response.set_cookie(
        COOKIE,
        begun.attempt,
        max_age=MINUTES * 60,
        path=_PATH,
        httponly=True,
        samesite="lax",
        secure=_is_secure(gateway.settings),
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@router.get("/oidc/{name}/callback", status_code=303, response_class=RedirectResponse, dependencies=[OTHERS_LEAD_HERE])
async def finish_sign_in(
    name: ProviderPath,
    request: Request,
    gateway: GatewayDep,
    state: Parameter = "",
    code: Parameter = "",
    iss: Parameter = "",
    error: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Where the provider sends the browser back to."""
    callback = Callback(state, code, iss, error)
    try:
        signed_in, redirect = await gateway.identity.oidc.finish(
            name, callback, request.cookies.get(COOKIE, ""), browser_of(request, gateway.settings)
        )
    except TrunklineError as problem:
        response = _to_sign_in_page(problem, "/")
    else:
        response = RedirectResponse(redirect, 303)
        set_cookies(response, signed_in, gateway.settings)
    response.delete_cookie(COOKIE, path=_PATH, httponly=True, samesite="lax")
    return response


@router.get("/blueking", status_code=303, response_class=RedirectResponse, dependencies=[OTHERS_LEAD_HERE])
async def sign_in_with_blueking(request: Request, gateway: GatewayDep, redirect: Redirect = "/") -> Response:
    """For a browser with BlueKing's login cookie; one without is led to BlueKing's login page first."""
    try:
        signed_in = await gateway.identity.blueking.sign_in(request.cookies, browser_of(request, gateway.settings))
    except TrunklineError as problem:
        page = gateway.settings.bk_login_page
        if page and problem.code == "not_authenticated":
            here = f"{gateway.issuer}{_PATH}/blueking?{urlencode({'redirect': safe_redirect(redirect)})}"
            return RedirectResponse(f"{page}{'&' if '?' in page else '?'}{urlencode({'c_url': here})}", 303)
        return _to_sign_in_page(problem, redirect)
    response = RedirectResponse(safe_redirect(redirect), 303)
    set_cookies(response, signed_in, gateway.settings)
    return response


def _to_sign_in_page(problem: TrunklineError, redirect: str) -> Response:
    """By its code alone: a text in an address could be anybody's."""
    _log.info("sign_in_failed", code=problem.code, detail=problem.detail)
    query = {"problem": problem.code, "redirect": safe_redirect(redirect)}
    response = RedirectResponse(f"/sign-in?{urlencode(query)}", 303)
    response.headers["Cache-Control"] = "no-store"
    return response


def _is_secure(settings: Settings) -> bool:
    return settings.public_url.startswith("https://")
