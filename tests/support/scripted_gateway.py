"""A real HTTP server in the gateway's place: notes what it is asked, answers as the test says."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import uvicorn
from starlette.types import Receive, Scope, Send

from tests.support.server import free_port


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True, slots=True)
class Said:
    """Attributes:
    content: JSON unless it is bytes.
    """

    content: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Answering = Callable[[Asked], Said]


@dataclass(slots=True)
class ScriptedGateway:
    """Attributes:
    answers: by path; what isn't there is 404.
    """

    port: int = field(default_factory=free_port)
    asked: list[Asked] = field(default_factory=list)
    answers: dict[str, Said | Answering] = field(default_factory=dict)
    _server: uvicorn.Server | None = None
    _task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        config = uvicorn.Config(
            self._app, port=self.port, interface="asgi3", lifespan="off", ws="none", log_level="error"
        )
        self._server = uvicorn.Server(config)
        self._task = asyncio.create_task(self._server.serve())
        while not self._server.started:  # noqa: ASYNC110  uvicorn has no event for it
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await self._task

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        target = urlsplit(f"{scope['raw_path'].decode()}?{scope['query_string'].decode()}")
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        asked = Asked(scope["method"], target.path, parse_qs(target.query), headers, json.loads(body) if body else None)
        self.asked.append(asked)
        answer = self.answers.get(asked.path, Said({"message": "no such path"}, 404))
        said = answer if isinstance(answer, Said) else answer(asked)
        content = said.content if isinstance(said.content, bytes) else json.dumps(said.content).encode()
        sent = {"content-type": "application/json", "x-request-id": "f" * 32, **said.headers}
        raw = [(name.encode(), value.encode()) for name, value in sent.items()]
        await send({"type": "http.response.start", "status": said.status, "headers": raw})
        await send({"type": "http.response.body", "body": content})


def gateway_error(status: int, message: str = "no") -> Said:
    """As the gateway itself refuses."""
    content = {"code": 1640000, "code_name": "X", "message": message, "result": False, "data": None}
    return Said(content, status, {"x-bkapi-error-code": "1640000"})
