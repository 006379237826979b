import asyncio

import pytest

from kernel.transport.errors import InvalidRequest
from kernel.transport.request import StreamedBody

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


async def test_a_body_streams_up_with_its_length_announced(upstream_that, answers, client_to):
    async def pieces():
        yield b"abc"
        yield b""
        yield b"def"

    async with upstream_that(answers(OK)) as upstream, client_to(upstream.url) as client:
        response = await client.request("POST", upstream.url, body=StreamedBody(pieces(), 6))
        assert await response.read() == b"ok"
        assert upstream.requests[0].endswith(b"content-length: 6\r\n\r\nabcdef")


async def test_a_body_of_unknown_length_streams_up_in_chunks(upstream_that, client_to):
    received = []

    def chunked(upstream):
        async def handle(reader, writer):
            received.append(await reader.readuntil(b"0\r\n\r\n"))
            writer.write(OK)

        return handle

    async def pieces():
        yield b"abc"
        yield b""
        yield b"0123456789abcdef"

    async with upstream_that(chunked) as upstream, client_to(upstream.url) as client:
        await (await client.request("POST", upstream.url, body=StreamedBody(pieces()))).read()
        assert received[0].endswith(
            b"transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n"
        )


@pytest.mark.parametrize("sent", [b"abcdefg", b"abc"])
async def test_a_body_of_another_length_than_announced_ends_the_exchange(upstream_that, answers, client_to, sent):
    async def pieces():
        yield sent

    async with upstream_that(answers(OK)) as upstream, client_to(upstream.url) as client:
        with pytest.raises(InvalidRequest):
            await client.request("POST", upstream.url, body=StreamedBody(pieces(), 6))
        assert upstream.requests == []


async def test_an_error_of_the_callers_body_is_handed_to_the_caller(upstream_that, answers, client_to):
    async def pieces():
        yield b"abc"
        raise LookupError("the client went away")

    async with upstream_that(answers(OK)) as upstream, client_to(upstream.url) as client:
        with pytest.raises(LookupError):
            await client.request("POST", upstream.url, body=StreamedBody(pieces(), 6))
        assert upstream.requests == []


async def test_an_early_answer_ends_the_upload_and_the_connection(upstream_that, client_to):
    def refusing(upstream):
        async def handle(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig")
            await reader.read()

        return handle

    asked = 0

    async def endless():
        nonlocal asked
        while True:
            asked += 1
            yield b"x" * 1000
            await asyncio.sleep(0.001)

    async with upstream_that(refusing) as upstream, client_to(upstream.url) as client:
        response = await client.request("POST", upstream.url, body=StreamedBody(endless()))
        assert (response.status, await response.read()) == (413, b"big")
        asked_then = asked
        await asyncio.sleep(0.05)
        assert asked <= asked_then + 1
        assert client.counts() == {upstream.url: 0}


async def test_an_upload_waits_for_an_upstream_that_does_not_read(upstream_that, client_to):
    def deaf(upstream):
        async def handle(reader, writer):
            await asyncio.sleep(3600)

        return handle

    produced = 0

    async def pieces():
        nonlocal produced
        while produced < 10_000:
            produced += 1
            yield b"x" * 65536

    async with upstream_that(deaf) as upstream, client_to(upstream.url) as client:
        call = asyncio.create_task(client.request("POST", upstream.url, body=StreamedBody(pieces())))
        await asyncio.sleep(0.3)
        assert produced < 1000
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call


@pytest.mark.parametrize(
    ("method", "url", "headers"),
    [
        ("GET", "ftp://example.org/", []),
        ("GET", "/relative", []),
        ("GET", "http://user:secret@example.org/", []),
        ("GET\r\n", "http://example.org/", []),
        ("GET", "http://example.org/a b", []),
        ("GET", "http://example.org/", [(b"a\r\nb", b"c")]),
        ("GET", "http://example.org/", [(b"a", b"b\r\nc: d")]),
    ],
)
async def test_a_request_that_could_inject_is_not_sent(client_to, method, url, headers):
    async with client_to("http://example.org") as client:
        with pytest.raises(InvalidRequest):
            await client.request(method, url, headers=headers)
