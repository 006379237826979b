"""A page to try a plugin by, in development: its form, a run, its polls, callbacks and log."""

from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

_FOLDER = Path(__file__).parent
_POLICY = {"Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'", "X-Frame-Options": "DENY"}


async def _page(_request: Request) -> Response:
    return FileResponse(_FOLDER / "debug.html", headers=_POLICY)


async def _script(_request: Request) -> Response:
    return FileResponse(_FOLDER / "debug.js", media_type="text/javascript")


async def _icon(_request: Request) -> Response:
    return FileResponse(_FOLDER / "debug.svg", media_type="image/svg+xml")


DEBUG_ROUTES: Final = (
    Route("/", _page, methods=["GET"]),
    Route("/debug.js", _script, methods=["GET"]),
    Route("/debug.svg", _icon, methods=["GET"]),
)
