"""The first look at a request: which part of the product serves this address."""

from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send


class PrefixDispatcher:
    """Bare dispatch by the beginning of the path: calls reach the data plane through nothing else.

    Args:
        parts: prefix and app, tried in this order.
        otherwise: serves everything else, the lifespan events included.
    """

    def __init__(self, parts: Sequence[tuple[str, ASGIApp]], otherwise: ASGIApp) -> None:
        self._parts = tuple(parts)
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            path: str = scope["path"]
            for prefix, app in self._parts:
                if path.startswith(prefix):
                    await app(scope, receive, send)
                    return
        await self._otherwise(scope, receive, send)
