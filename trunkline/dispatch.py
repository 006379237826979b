"""The first look at a request: which part of the product serves this address."""

from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.dataplane.app import DataPlane


class PrefixDispatcher:
    """Bare dispatch by the beginning of the path.

    Args:
        data_plane: calls under ``/api/`` reach it through nothing else; ``GatewayProtocol`` hands them over.
        parts: prefix and app, tried in this order.
        otherwise: serves everything else, the lifespan events included.
    """

    def __init__(self, data_plane: DataPlane, parts: Sequence[tuple[str, ASGIApp]], otherwise: ASGIApp) -> None:
        self.data_plane = data_plane
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
