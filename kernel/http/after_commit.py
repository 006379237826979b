"""An answer that is made once the request's transaction has committed."""

from collections.abc import Awaitable, Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class AfterCommit(Response):
    """For endpoints that wait for what follows from their own change: the session is closed when `answer` runs.

    Errors that `answer` raises are rendered as any endpoint's.
    """

    def __init__(self, answer: Callable[[], Awaitable[Response]]) -> None:
        super().__init__()
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._answer()
        await response(scope, receive, send)
