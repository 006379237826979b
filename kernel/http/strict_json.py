"""Request bodies read by `kernel.json_input`, so that a wrong one is refused by name instead of failing later."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from kernel.errors import TrunklineError
from kernel.json_input import read_json


class _StrictRequest(Request):
    async def json(self) -> Any:
        return read_json(await self.body())


class StrictJsonRoute(APIRoute):
    """For `APIRouter(route_class=StrictJsonRoute)`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            try:
                return await handle(_StrictRequest(request.scope, request.receive))
            except HTTPException as error:
                # FastAPI hides whatever went wrong in reading the body behind a bare 400.
                if isinstance(error.__cause__, TrunklineError):
                    raise error.__cause__ from None
                raise

        return strict
