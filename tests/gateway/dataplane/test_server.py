import asyncio
from contextlib import suppress

import pytest

from tests.gateway.dataplane.conftest import Served, token
from tests.support.patience import patience

START = b"POST /api/cmdb/prod/search HTTP/1.1\r\nhost: h\r\n"


async def echo(scope, receive, send):
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


async def test_pipelined_requests_and_expect_continue_are_answered_in_order():
    async with Served(echo) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rsplit(":", 1)[1]))
        head = b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 3\r\n"
        writer.write(head + b"\r\none" + head + b"\r\ntwo")
        answer = b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n"
        expected = answer + b"one" + answer + b"two"
        assert await reader.readexactly(len(expected)) == expected
        writer.write(head + b"expect: 100-continue\r\nconnection: close\r\n\r\n")
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"end")
        assert (await reader.read()).endswith(b"\r\n\r\nend")
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("fields", [b"x: " + b"y" * 65_536, b"x: y\r\n" * 10_923])
async def test_a_head_without_end_is_refused(gateway, fields):
    reader, writer = await asyncio.open_connection("127.0.0.1", int(gateway.url.rsplit(":", 1)[1]))
    writer.write(START + fields)
    async with patience():
        assert (await reader.read(1000)).startswith(b"HTTP/1.1 431 ")
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def test_whoever_still_sends_his_endless_head_hears_why_it_is_refused(gateway):
    reader, writer = await asyncio.open_connection("127.0.0.1", int(gateway.url.rsplit(":", 1)[1]))
    for _ in range(4):
        writer.write(START + b"x: " + b"y" * 100_000)
        await asyncio.sleep(0.05)
    async with patience():
        assert (await reader.read()).startswith(b"HTTP/1.1 431 ")
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("path", [b"/api/cmdb/prod/search", b"/livez"])
@pytest.mark.parametrize("length", [65_537, 90_000])
async def test_a_target_beyond_all_bounds_is_answered_too(path, length):
    async with Served(echo) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rsplit(":", 1)[1]))
        writer.write(b"GET " + path + b"?x=" + b"y" * length + b" HTTP/1.1\r\nhost: h\r\n\r\n")
        async with patience():
            assert (await reader.read()).startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 431 "))
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def test_a_refused_client_that_never_stops_is_cut_off(gateway):
    _, writer = await asyncio.open_connection("127.0.0.1", int(gateway.url.rsplit(":", 1)[1]))
    writer.write(START + b"x: ")
    with pytest.raises(ConnectionError):
        async with patience():
            while True:
                writer.write(b"y" * 100_000)
                await writer.drain()
                await asyncio.sleep(0.01)


async def test_a_long_head_in_small_pieces_is_read_when_it_ends_within_the_bound(gateway):
    reader, writer = await asyncio.open_connection("127.0.0.1", int(gateway.url.rsplit(":", 1)[1]))
    for _ in range(2):
        writer.write(START)
        for _ in range(10):
            writer.write(b"x: " + b"y" * 4000 + b"\r\n")
            await asyncio.sleep(0.001)
        writer.write(b"content-length: 0\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 401 ")
        assert (await reader.readuntil(b"}")).startswith(b"{")
    writer.close()
    await writer.wait_closed()


async def test_trailers_do_not_become_headers(gateway):
    reader, writer = await asyncio.open_connection("127.0.0.1", int(gateway.url.rsplit(":", 1)[1]))
    authorised = START + b"authorization: Bearer " + token().encode() + b"\r\n"
    trailers = b"x-forwarded-for: 6.6.6.6\r\nx-late: 1\r\nconnection: x-kept\r\nidempotency-key: k\r\n"
    writer.write(authorised + b"x-kept: 1\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n" + trailers + b"\r\n")
    async with patience():
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
    (received,) = gateway.upstream.received
    assert received.body == b"{}"
    assert (received.header("x-late"), received.header("x-kept"), received.header("idempotency-key")) == (
        None,
        "1",
        None,
    )
    assert received.header("x-forwarded-for") == "127.0.0.1"
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("credential", [True, False])
async def test_trailers_without_end_end_the_connection(gateway, credential):
    reader, writer = await asyncio.open_connection("127.0.0.1", int(gateway.url.rsplit(":", 1)[1]))
    authorization = b"authorization: Bearer " + token().encode() + b"\r\n" if credential else b""
    writer.write(START + authorization + b"transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nx-late: ")
    async with patience():
        with suppress(ConnectionError):
            while not reader.at_eof():
                writer.write(b"y" * 8192)
                await writer.drain()
                with suppress(TimeoutError):
                    await asyncio.wait_for(reader.read(1000), 0.01)
    assert gateway.upstream.received == []
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
