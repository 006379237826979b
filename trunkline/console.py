"""Serves the built console: files as they are, and its index for every other page address."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from kernel.errors import NotFound

_HERE = Path(__file__).parent
_RESERVED = ("v1", "api", "oauth", "systems", "mcp", ".well-known")
_IMMUTABLE = "public, max-age=31536000, immutable"


def console_path() -> Path:
    """In a wheel the console lies inside this package; in a checkout it is built in `web/dist`."""
    inside = _HERE / "console"
    return inside if inside.is_dir() else _HERE.parent / "web" / "dist"


class Console(StaticFiles):
    """Static files whose names carry a digest are kept by browsers; the index never is."""

    def __init__(self) -> None:
        super().__init__(directory=console_path(), html=True, check_dir=False)

    async def get_response(self, path: str, scope: Scope) -> Response:
        if path.partition("/")[0] in _RESERVED:
            raise HTTPException(NotFound.status)
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != NotFound.status or path.startswith("assets/"):
                raise
            response = await super().get_response("index.html", scope)
        response.headers["Cache-Control"] = _IMMUTABLE if path.startswith("assets/") else "no-cache"
        return response
