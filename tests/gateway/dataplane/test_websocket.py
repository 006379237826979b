"""WebSocket passes: after the offer is taken, bytes go both ways unread, and each side's end is the other's."""

import asyncio
import base64
import hashlib
from contextlib import asynccontextmanager, suppress

import pytest

from kernel.signing.http_message_signature import RequestMessage
from kernel.signing.request_signature import verify_request
from kernel.transport.addresses import AddressPolicy
from tests.gateway.dataplane.conftest import HMAC_KEY, component, token
from tests.support.patience import PATIENCE_SECONDS, until

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = base64.b64encode(hashlib.sha1(f"{KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()).decode()  # noqa: S324 - RFC 6455
SWITCHING = (
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    f"Sec-WebSocket-Accept: {ACCEPT}\r\n\r\n"
)


class Upstream:
    """Takes one offer; a test speaks on its side of the connection."""

    def __init__(self) -> None:
        self.head = b""
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter
        self.ready = asyncio.Event()


@asynccontextmanager
async def upstream_that(gateway, answer, **route: object):
    upstream = Upstream()

    async def connected(reader, writer):
        upstream.head = await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        upstream.reader, upstream.writer = reader, writer
        upstream.ready.set()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    gateway.plane._client._policy = AddressPolicy.allowing([url])
    gateway.system(component("chat", "GET", enable_websocket=True, **route), upstream={"base_url": url})
    yield upstream
    server.close()
    if upstream.ready.is_set():
        upstream.writer.close()
        with suppress(ConnectionError):
            await upstream.writer.wait_closed()


async def offer(gateway, path="/api/cmdb/prod/chat", bearer=None, more=b"", early=b""):
    """The client's side, after the answer's head."""
    host, port = gateway.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: gw\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
        f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n"
        f"Authorization: Bearer {bearer or token()}\r\n".encode()
        + more
        + b"\r\n"
        + early
    )
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_SECONDS)
    return reader, writer, head


async def closed(writer):
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def test_bytes_pass_both_ways_with_what_came_early(gateway):
    async with upstream_that(gateway, SWITCHING.encode() + b"\x81\x02hi") as upstream:
        reader, writer, head = await offer(gateway, early=b"\x81\x00")
        assert head.startswith(b"HTTP/1.1 101 ")
        assert f"sec-websocket-accept: {ACCEPT}".encode() in head.lower().replace(
            ACCEPT.lower().encode(), ACCEPT.encode()
        )
        assert b"\r\nupgrade: websocket\r\n" in head
        assert await reader.readexactly(4) == b"\x81\x02hi"
        assert await upstream.reader.readexactly(2) == b"\x81\x00"
        for size in (1, 1000, 300_000):
            sent = bytes(range(256)) * (size // 256 + 1)
            writer.write(sent)
            assert await upstream.reader.readexactly(len(sent)) == sent
            upstream.writer.write(sent[::-1])
            assert await reader.readexactly(len(sent)) == sent[::-1]
        await closed(writer)
        assert await upstream.reader.read() == b""


async def test_the_upstream_gets_the_identity_signed_and_no_credential(gateway):
    async with upstream_that(gateway, SWITCHING.encode()) as upstream:
        _, writer, _ = await offer(gateway, more=b"X-Trunkline-User: admin\r\nCookie: a=b\r\nOrigin: https://shop\r\n")
        await upstream.ready.wait()
        lines = upstream.head.decode().split("\r\n")
        headers = [tuple(line.split(": ", 1)) for line in lines[1:] if line]
        named = {name.lower(): value for name, value in headers}
        assert (named["upgrade"], named["connection"]) == ("websocket", "Upgrade")
        assert (named["sec-websocket-key"], named["origin"]) == (KEY, "https://shop")
        assert not {"authorization", "cookie", "x-trunkline-user"} & set(named)
        target = f"http://{named['host']}/chat"
        message = RequestMessage("GET", target, [(name.lower(), value) for name, value in headers])
        verify_request(message, b"", keys={"cmdb": HMAC_KEY}, now=gateway.clock(), nonce_seen=lambda *_: False)
        await closed(writer)


async def test_the_end_of_the_upstream_is_the_clients(gateway):
    async with upstream_that(gateway, SWITCHING.encode()) as upstream:
        reader, writer, _ = await offer(gateway)
        await upstream.ready.wait()
        upstream.writer.write(b"bye")
        upstream.writer.close()
        assert await asyncio.wait_for(reader.read(), PATIENCE_SECONDS) == b"bye"
        await closed(writer)


async def test_it_counts_as_one_call_that_lasts_as_long_as_the_connection(gateway):
    async with upstream_that(gateway, SWITCHING.encode()) as upstream:
        _, writer, _ = await offer(gateway)
        await upstream.ready.wait()
        await closed(writer)
        await upstream.reader.read()
        assert await until(lambda: _counted(gateway)) == [{101: 1}]


def _counted(gateway):
    return [each.statuses for each in gateway.plane.snapshot_of_counters() if each.component == "chat"]


async def test_nothing_moves_for_too_long(gateway):
    async with upstream_that(gateway, SWITCHING.encode(), timeout=0.2) as upstream:
        reader, writer, _ = await offer(gateway)
        await upstream.ready.wait()
        with suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(), PATIENCE_SECONDS) == b""
        await closed(writer)


async def test_a_side_that_reads_slowly_holds_the_other_back(gateway):
    async with upstream_that(gateway, SWITCHING.encode()) as upstream:
        reader, writer, _ = await offer(gateway)
        await upstream.ready.wait()
        flood = asyncio.create_task(_flood(upstream.writer))
        await asyncio.sleep(0.3)
        assert not flood.done()
        received = 0
        while received < 50_000_000:
            received += len(await reader.read(1_000_000))
        await flood
        await closed(writer)


async def _flood(writer):
    for _ in range(50):
        writer.write(b"x" * 1_000_000)
        await writer.drain()


@pytest.mark.parametrize("status", ["403 Forbidden", "426 Upgrade Required", "200 OK"])
async def test_an_upstream_that_declines_is_answered_with(gateway, status):
    answer = f"HTTP/1.1 {status}\r\nContent-Length: 2\r\nX-Why: so\r\n\r\nno".encode()
    async with upstream_that(gateway, answer):
        reader, writer, head = await offer(gateway)
        assert head.startswith(f"HTTP/1.1 {status[:3]} ".encode())
        assert b"x-why: so" in head.lower()
        assert await reader.read() == b"no"
        await closed(writer)


async def test_who_may_not_call_gets_no_connection(gateway):
    async with upstream_that(gateway, SWITCHING.encode()) as upstream:
        _, writer, head = await offer(gateway, bearer="nonsense")
        assert head.startswith(b"HTTP/1.1 401 ")
        assert upstream.head == b""
        await closed(writer)


async def test_an_offer_to_a_component_without_websocket_is_not_taken(gateway):
    gateway.system(component("plain", "GET"))
    _, writer, head = await offer(gateway, "/api/cmdb/prod/plain")
    assert head.startswith(b"HTTP/1.1 200 ")
    (received,) = gateway.upstream.received
    assert received.header("upgrade") is None
    await closed(writer)


async def test_an_upstream_that_switches_unasked_is_not_believed(gateway):
    async with upstream_that(gateway, SWITCHING.encode()):
        answer = await gateway.call("/api/cmdb/prod/chat", "GET")
        assert (answer.status_code, answer.headers["x-bkapi-error-code"]) == (502, "1650201")


async def test_grpc_is_told_that_it_cannot_pass(gateway):
    answer = await gateway.call(
        "/api/cmdb/prod/search", content=b"x", headers={"content-type": "application/grpc+proto"}
    )
    assert (answer.status_code, answer.headers["x-bkapi-error-code"]) == (400, "1640001")
    assert "HTTP/2" in answer.json()["message"]
    host, port = gateway.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0")
    told = await asyncio.wait_for(reader.read(), PATIENCE_SECONDS)
    assert told.startswith(b"HTTP/1.1 505 ")
    assert told.endswith(b"gRPC does not pass through it\n")
    await closed(writer)
