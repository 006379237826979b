from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

_PAGE = Path(__file__).with_name("debug.html")


async def debug_page(_: Request) -> Response:
    """A page to try a plugin by: its form, a run, its polls, callbacks and log."""
    return HTMLResponse(_PAGE.read_text(encoding="utf-8"))
