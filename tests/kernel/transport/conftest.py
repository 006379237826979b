"""A raw upstream: it answers with exactly the bytes a test gives it, in exactly the pieces the test gives them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest

from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from kernel.transport.limits import Limits
from tests.support.own_time import OwnTimeLoop

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class RawUpstream:
    url: str = ""
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def next_request(self, reader: asyncio.StreamReader) -> bytes:
        """Reads one request with a Content-Length or without a body; raises IncompleteReadError at the end."""
        head = await reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        request = head + await reader.readexactly(length)
        self.requests.append(request)
        return request


@asynccontextmanager
async def raw_upstream(handler: Callable[[RawUpstream], Handler]) -> AsyncIterator[RawUpstream]:
    upstream = RawUpstream()
    handle = handler(upstream)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream.connections += 1
        upstream.writers.append(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await handle(reader, writer)
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    upstream.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield upstream
    finally:
        server.close()
        for writer in upstream.writers:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


def answering(*answers: bytes, close: bool = False) -> Callable[[RawUpstream], Handler]:
    """Answers each request of a connection with the next of the answers."""

    def make(upstream: RawUpstream) -> Handler:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for answer in answers:
                await upstream.next_request(reader)
                writer.write(answer)
                await writer.drain()
            if not close:
                await reader.read()

        return handle

    return make


@asynccontextmanager
async def client_for(url: str, limits: Limits | None = None) -> AsyncIterator[TransportClient]:
    client = TransportClient(AddressPolicy.allowing([url]), limits=limits or Limits())
    try:
        yield client
    finally:
        await client.aclose()


@pytest.fixture
def upstream_that() -> Callable[[Callable[[RawUpstream], Handler]], AbstractAsyncContextManager[RawUpstream]]:
    return raw_upstream


@pytest.fixture
def answers() -> Callable[..., Callable[[RawUpstream], Handler]]:
    return answering


@pytest.fixture
def client_to() -> Callable[..., AbstractAsyncContextManager[TransportClient]]:
    return client_for


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"own time": OwnTimeLoop}
