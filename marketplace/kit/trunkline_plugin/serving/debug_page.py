"""A page to try a plugin by, in development: its form, a run, its polls, callbacks and log."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

_FOLDER = Path(__file__).parent
_POLICY = {"Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'", "X-Frame-Options": "DENY"}


async def debug_page(_request: Request) -> Response:
    return FileResponse(_FOLDER / "debug.html", headers=_POLICY)


async def debug_script(_request: Request) -> Response:
    return FileResponse(_FOLDER / "debug.js", media_type="text/javascript")
