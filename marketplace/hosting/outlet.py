"""The only way out of a plugin's network: an HTTP server on its loopback that hands calls to the gateway."""

import asyncio
import socket
from typing import Final

import structlog
import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from kernel.transport.errors import TransportError
from kernel.transport.limits import Timeouts
from kernel.transport.origin import parse_url
from marketplace.hosting.bounded import AnswerTooLarge, Peer, ask
from marketplace.hosting.settings import CALLBACKS, HostingSettings

_PATHS: Final = ("/api/", CALLBACKS)
_MOST_BYTES: Final = 10 * 1024 * 1024
_TIMEOUTS: Final = Timeouts(read=120.0)
_NOT_PASSED_ON: Final = frozenset(
    {"connection", "content-length", "host", "keep-alive", "proxy-authorization", "proxy-connection", "te", "trailer",
     "transfer-encoding", "upgrade", "forwarded"}
)  # fmt: skip
_log = structlog.get_logger()


class Outlet:
    """Serves one plugin until it is closed. Takes calls as an HTTP proxy does, and as the gateway itself does.

    Args:
        name: of the plugin, for the log.
        port: at which the plugin finds it.
    """

    def __init__(self, settings: HostingSettings, name: str, port: int) -> None:
        self._hosts = settings.known_hosts | {f"127.0.0.1:{port}"}
        self._name = name
        client = TransportClient(AddressPolicy.allowing([settings.gateway_url]))
        origin, base = parse_url(settings.gateway_url)
        self._gateway = Peer(client, origin, _TIMEOUTS, base.rstrip("/"))
        self._server: asyncio.Server | None = None

    async def open(self, listener: socket.socket) -> None:
        config = uvicorn.Config(
            self._answer,
            interface="asgi3",
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
        )
        config.load()
        state = ServerState()
        listener.setblocking(False)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: config.http_protocol_class(config=config, server_state=state, app_state={}),  # type: ignore[call-arg]
            sock=listener,
        )

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        await self._gateway.client.aclose()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            answer = await self._answered(request)
        except ClientDisconnect:
            return
        await answer(scope, receive, send)

    async def _answered(self, request: Request) -> Response:
        path, host = request.url.path, request.headers.get("host", "")
        if host not in self._hosts or not path.startswith(_PATHS) or "/../" in path:
            _log.warning("plugin_call_refused", plugin=self._name, host=host[:200], path=path[:200])
            return _refusal(
                403, f"{host}{path} can't be reached from a hosted plugin: only components of the gateway can"
            )
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > _MOST_BYTES:
                return _refusal(413, f"a call of a hosted plugin has at most {_MOST_BYTES} bytes")
        target = path if not request.url.query else f"{path}?{request.url.query}"
        headers = {
            name: value
            for name, value in request.headers.items()
            if name not in _NOT_PASSED_ON and not name.startswith("x-forwarded-")
        }
        try:
            answer = await ask(self._gateway, request.method, target, most=_MOST_BYTES, content=body, headers=headers)
        except (TransportError, AnswerTooLarge) as error:
            return _refusal(502, f"the gateway gave no answer that can be passed on: {type(error).__name__}")
        passed = {
            name: value
            for name, value in answer.headers.items()
            if name not in _NOT_PASSED_ON and name != "content-encoding"
        }
        return Response(answer.content, answer.status, passed)


def _refusal(status: int, message: str) -> Response:
    return JSONResponse({"result": False, "code": status, "message": message, "data": None}, status)
