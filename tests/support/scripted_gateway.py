"""A real HTTP server in the gateway's place: notes what it is asked, answers as the test says."""

import json
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.types import Receive, Scope, Send

from tests.support.served_app import served_app


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
    url: once it has started.
    answers: by path; what isn't there is 404.
    """

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    answers: dict[str, Said | Answering] = field(default_factory=dict)
    _serving: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def start(self) -> None:
        self.url = await self._serving.enter_async_context(served_app(self._app, interface="asgi3"))

    async def stop(self) -> None:
        await self._serving.aclose()

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


def gateway_error(status: int, message: str = "no", code: int = 1640000) -> Said:
    """As the gateway itself refuses."""
    content = {"code": code, "code_name": "X", "message": message, "result": False, "data": None}
    return Said(content, status, {"x-bkapi-error-code": str(code)})
