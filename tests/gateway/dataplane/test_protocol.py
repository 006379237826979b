"""What a client's connection sees of the data plane and of what is served beside it."""

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest

from tests.gateway.dataplane.conftest import Served, component, token
from tests.support.patience import patience, until


def head(line: str, *fields: str, credential: bool = True) -> bytes:
    own = ["host: h", *([f"authorization: Bearer {token()}"] if credential else []), *fields]
    return "\r\n".join([line, *own, "", ""]).encode()


SEARCH = "POST /api/cmdb/prod/search HTTP/1.1"
ELSEWHERE = "GET /elsewhere HTTP/1.1"


@asynccontextmanager
async def connected(url: str):
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rsplit(":", 1)[1]))
    try:
        async with patience():
            yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def answer_of(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    """The next answer; its body only where its length is announced."""
    start, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
    fields = dict(line.split(": ", 1) for line in lines)
    body = await reader.readexactly(int(fields.get("content-length", 0)))
    return int(start.split()[1]), fields, body


class Beside:
    """The data plane, and an ASGI application for everything else."""

    def __init__(self, data_plane) -> None:
        self.data_plane = data_plane

    async def __call__(self, scope, receive, send) -> None:
        await asyncio.sleep(0.01)
        body = scope["path"].encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})


async def test_pipelined_requests_are_answered_in_their_order_whoever_serves_them(gateway):
    async with Served(Beside(gateway.plane)) as url, connected(url) as (reader, writer):
        refused = head("GET /api/cmdb/prod/none HTTP/1.1")
        writer.write(head(ELSEWHERE) + head(SEARCH, "content-length: 0") + refused + head(ELSEWHERE) + refused)
        answers = [await _told(reader) for _ in range(5)]
        assert answers == ["/elsewhere", "result", "none", "/elsewhere", "none"]


async def _told(reader: asyncio.StreamReader) -> str:
    status, fields, body = await answer_of(reader)
    if fields.get("transfer-encoding") == "chunked":
        body = await _unchunked(reader)
    if status == 404:
        return "none"
    return "result" if b'"result":true' in body else body.decode()


async def _unchunked(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int(await reader.readline(), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readline()
    return body


async def test_a_thousand_pipelined_refusals_are_answered_one_after_the_other(gateway):
    async with connected(gateway.url) as (reader, writer):
        writer.write(head("GET /api/cmdb/prod/none HTTP/1.1", credential=False) * 1000)
        for _ in range(1000):
            assert (await answer_of(reader))[0] == 404


async def test_an_answer_to_head_tells_the_length_and_has_no_body(gateway):
    gateway.system(component("search", "ANY"))
    gateway.upstream.headers = [(b"content-length", b"60")]
    async with connected(gateway.url) as (reader, writer):
        for path, status, length in (("search", 200, "60"), ("none", 404, None)):
            writer.write(head(f"HEAD /api/cmdb/prod/{path} HTTP/1.1"))
            start = (await reader.readuntil(b"\r\n\r\n")).decode()
            assert start.startswith(f"HTTP/1.1 {status} ")
            assert f"content-length: {length}" in start if length else "content-length: " in start
        writer.write(head(SEARCH, "content-length: 0", "connection: close"))
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")


async def test_a_client_that_waits_for_a_word_gets_it_only_when_its_body_is_wanted(gateway):
    wanted = ("expect: 100-continue", "content-length: 2")
    async with connected(gateway.url) as (reader, writer):
        writer.write(head(SEARCH, *wanted))
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"{}")
        assert await _told(reader) == "result"
        assert gateway.upstream.received[-1].body == b"{}"
        writer.write(head(SEARCH, *wanted, credential=False))
        status, fields, _ = await answer_of(reader)
        assert (status, fields["connection"]) == (401, "close")
        assert await reader.read() == b""


async def test_the_connection_stays_after_a_refusal_whose_body_still_comes(gateway):
    async with connected(gateway.url) as (reader, writer):
        writer.write(head(SEARCH, "content-length: 5", credential=False))
        assert (await answer_of(reader))[0] == 401
        writer.write(b"12345" + head(SEARCH, "content-length: 0"))
        assert await _told(reader) == "result"


@pytest.mark.parametrize("split", range(1, 12))
async def test_a_chunked_body_passes_however_it_is_cut(gateway, split):
    sent = b"3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n"
    async with connected(gateway.url) as (reader, writer):
        writer.write(head(SEARCH, "transfer-encoding: chunked"))
        for at in range(0, len(sent), split):
            writer.write(sent[at : at + split])
            await asyncio.sleep(0)
        assert await _told(reader) == "result"
        assert gateway.upstream.received[-1].body == b"abcdefg"


async def test_http_1_0_gets_no_chunks_and_the_end_of_the_connection(gateway):
    gateway.upstream.pieces = [b"one", b"two"]
    async with connected(gateway.url) as (reader, writer):
        writer.write(head("POST /api/cmdb/prod/search HTTP/1.0", "connection: keep-alive", "content-length: 0"))
        start, _, body = (await reader.read()).partition(b"\r\n\r\n")
        assert b"transfer-encoding" not in start
        assert b"connection: close" in start
        assert body == b"onetwo"


@pytest.mark.parametrize("streams", [True, False])
async def test_an_upstream_is_let_go_when_the_client_ends_its_half_or_all(gateway, streams):
    signing = {"profile": "none" if streams else "http-message-signature", "key_id": "cmdb", "secret": "hmac"}
    gateway.system(component("search"), signing=signing)
    gateway.upstream.gate = asyncio.Event()
    async with connected(gateway.url) as (reader, writer):
        writer.write(head(SEARCH, "content-length: 0"))
        await reader.readuntil(b"\r\n\r\n")
        writer.write_eof()
        await gateway.upstream.ended.wait()
    (counts,) = gateway.plane.snapshot_of_counters()
    assert counts.statuses == {499: 1}


async def test_a_client_that_goes_before_its_body_is_complete_is_recorded_and_calls_nobody(gateway):
    async with connected(gateway.url) as (_, writer):
        writer.write(head(SEARCH, "content-length: 10") + b"abc")
        await writer.drain()
        await asyncio.sleep(0.05)
    counted = await until(lambda: [each.statuses for each in gateway.plane.snapshot_of_counters() if each.statuses])
    assert counted == [{499: 1}]
    assert gateway.upstream.received == []


async def test_an_absolute_address_is_refused(gateway):
    async with connected(gateway.url) as (reader, writer):
        writer.write(head("POST http://other/api/cmdb/prod/search HTTP/1.1", "content-length: 0"))
        assert (await answer_of(reader))[0] == 400
        assert gateway.upstream.received == []


async def test_a_stopping_server_lets_a_call_end_and_takes_no_further_one(gateway):
    gateway.upstream.gate = asyncio.Event()
    served = Served(gateway.plane)
    async with served as url, connected(url) as (reader, writer):
        writer.write(head(SEARCH, "content-length: 0"))
        await reader.readuntil(b"\r\n\r\n")
        for connection in tuple(served.server.server_state.connections):
            connection.shutdown()
        gateway.upstream.gate.set()
        assert (await reader.read()).endswith(b"0\r\n\r\n")


async def test_an_offer_that_is_not_taken_up_ends_the_connection_with_its_answer(gateway):
    offer = head(SEARCH, "content-length: 0", "Connection: Upgrade", "Upgrade: h2c")
    async with connected(gateway.url) as (reader, writer):
        writer.write(offer + offer)
        answered = await reader.read()
        assert answered.count(b"HTTP/1.1 200 ") == 1
        assert b"connection: close" in answered
    assert len(gateway.upstream.received) == 1
