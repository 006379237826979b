"""Server-sent events pass one by one, and their end is everybody's."""

import asyncio
from contextlib import asynccontextmanager

import httpx
import pytest

from kernel.transport.addresses import AddressPolicy
from tests.gateway.dataplane.conftest import component, token
from tests.support.listening import listening
from tests.support.patience import PATIENCE_SECONDS

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


class Events:
    """Upstreams that send an event whenever a test says so; they see their client go."""

    def __init__(self) -> None:
        self.writers: list[asyncio.StreamWriter] = []
        self.gone = asyncio.Event()

    async def __call__(self, reader, writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD)
        self.writers.append(writer)
        await reader.read()
        self.gone.set()

    def send(self, event: bytes) -> None:
        for writer in self.writers:
            writer.write(b"%x\r\n%b\r\n" % (len(event), event))


@pytest.fixture
async def events(gateway):
    made = Events()
    async with listening(made) as one, listening(made) as other:
        urls = [f"http://127.0.0.1:{port}" for port in (one, other)]
        gateway.plane._client._policy = AddressPolicy.allowing(urls)
        upstream = {"targets": [{"url": url} for url in urls], "balance": "least-connections"}
        gateway.system(component("watch", "GET"), upstreams={"default": upstream})
        yield made


@asynccontextmanager
async def watching(gateway):
    headers = {"authorization": f"Bearer {token()}"}
    async with gateway.http.stream("GET", "/api/cmdb/prod/watch", headers=headers) as answer:
        yield answer, answer.aiter_raw()


def in_flight(gateway):
    return sum(server.in_flight for server in gateway.plane.server_states())


async def test_each_event_is_here_before_the_next_is_sent(gateway, events):
    async with watching(gateway) as (answer, pieces):
        assert answer.headers["content-type"] == "text/event-stream"
        for number in range(20):
            event = b"id: %d\ndata: {}\n\n" % number
            events.send(event)
            assert await asyncio.wait_for(anext(pieces), PATIENCE_SECONDS) == event
        assert in_flight(gateway) == 1
        events.writers[0].write(b"0\r\n\r\n")
        with pytest.raises(StopAsyncIteration):
            await asyncio.wait_for(anext(pieces), PATIENCE_SECONDS)
    assert in_flight(gateway) == 0


async def test_when_the_client_goes_the_upstream_is_let_go(gateway, events):
    async with watching(gateway) as (_, pieces):
        events.send(b"data: 1\n\n")
        await asyncio.wait_for(anext(pieces), PATIENCE_SECONDS)
    await asyncio.wait_for(events.gone.wait(), PATIENCE_SECONDS)
    assert in_flight(gateway) == 0


async def test_an_upstream_that_breaks_off_is_seen_to(gateway, events):
    async with watching(gateway) as (_, pieces):
        events.send(b"data: 1\n\n")
        await asyncio.wait_for(anext(pieces), PATIENCE_SECONDS)
        events.writers[0].transport.abort()
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            await asyncio.wait_for(anext(pieces), PATIENCE_SECONDS)
    assert in_flight(gateway) == 0
