"""What a browser is given when somebody signs in, and what it tells of itself."""

from fastapi import Request, Response

from gateway.identity.sessions.service import COOKIE, Browser, SignedIn
from kernel.http.client_address import client_address
from kernel.settings import Settings

BROWSER_COOKIE = "trunkline_browser"

_BROWSER_SECONDS = 180 * 86_400


def browser_of(request: Request, settings: Settings) -> Browser:
    return Browser(
        ip=client_address(request, settings.trusted_proxies),
        agent=request.headers.get("user-agent", ""),
        known=request.cookies.get(BROWSER_COOKIE, ""),
        request_id=getattr(request.state, "request_id", ""),
    )


def set_cookies(response: Response, signed_in: SignedIn, settings: Settings) -> None:
    """The session, out of reach of scripts and other sites; and the mark by which the throttle knows the browser."""
    secure = settings.public_url.startswith("https://")
    response.set_cookie(
        COOKIE,
        signed_in.token,
        max_age=settings.session_hours * 3600,
        httponly=True,
        samesite="lax",
        secure=secure,
    )
    response.set_cookie(
        BROWSER_COOKIE,
        signed_in.mark,
        max_age=_BROWSER_SECONDS,
        path="/v1/session",
        httponly=True,
        samesite="strict",
        secure=secure,
    )
    response.headers["Cache-Control"] = "no-store"
