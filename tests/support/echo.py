"""A real upstream that answers what it was sent."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from tests.support.listening import listening


@dataclass
class Echo:
    """``received`` are the requests; the answer's JSON is the request, unless ``body`` says otherwise."""

    url: str = ""
    status: str = "200 OK"
    body: bytes | None = None
    headers: list[str] = field(default_factory=list)
    received: list[dict[str, Any]] = field(default_factory=list)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Self]:
        async with listening(self._serve) as port:
            self.url = f"http://127.0.0.1:{port}"
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await self._answer(reader, writer)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        request = {"method": method, "target": target, "headers": headers, "body": body.decode()}
        self.received.append(request)
        answer = json.dumps(request).encode() if self.body is None else self.body
        lines = [f"HTTP/1.1 {self.status}", f"Content-Length: {len(answer)}", "Content-Type: application/json"]
        writer.write("\r\n".join([*lines, *self.headers, "", ""]).encode() + answer)
        await writer.drain()
