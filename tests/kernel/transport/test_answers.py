import asyncio

import pytest

from kernel.transport.errors import BodyTooLarge, HeadersTooLarge, ProtocolViolation, ReadTimeout, TotalTimeout
from kernel.transport.limits import Limits, Timeouts
from tests.support.patience import until

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


async def test_an_answer_to_head_has_no_body_and_keeps_the_connection(upstream_that, answers, client_to):
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
    async with upstream_that(answers(head, OK)) as upstream, client_to(upstream.url) as client:
        response = await client.request("HEAD", upstream.url)
        assert (response.status, response.header(b"content-length"), await response.read()) == (200, b"5", b"")
        assert await (await client.request("GET", upstream.url)).read() == b"ok"
        assert upstream.connections == 1


async def test_informational_answers_are_passed_over(upstream_that, answers, client_to):
    early = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    async with upstream_that(answers(early + OK, OK)) as upstream, client_to(upstream.url) as client:
        response = await client.request("GET", upstream.url)
        assert (response.status, response.headers, await response.read()) == (
            200,
            [(b"Content-Length", b"2")],
            b"ok",
        )
        assert (await client.request("GET", upstream.url)).status == 200
        assert upstream.connections == 1


async def test_a_body_without_length_ends_with_the_connection(upstream_that, answers, client_to):
    answer = b"HTTP/1.1 200 OK\r\n\r\nall of it"
    async with upstream_that(answers(answer, close=True)) as upstream, client_to(upstream.url) as client:
        assert await (await client.request("GET", upstream.url)).read() == b"all of it"


async def test_trailers_follow_a_chunked_body(upstream_that, answers, client_to):
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nDigest: d\r\n\r\n"
    async with upstream_that(answers(answer)) as upstream, client_to(upstream.url) as client:
        response = await client.request("GET", upstream.url)
        assert await response.read() == b"abc"
        assert response.trailers == [(b"Digest", b"d")]


async def test_a_silent_upstream_is_a_read_timeout(upstream_that, client_to):
    def silent(upstream):
        async def handle(reader, writer):
            await reader.read()

        return handle

    async with upstream_that(silent) as upstream, client_to(upstream.url) as client:
        with pytest.raises(ReadTimeout):
            await client.request("GET", upstream.url, timeouts=Timeouts(read=0.05))


async def test_an_endless_trickle_is_a_total_timeout(upstream_that, client_to):
    def trickle(upstream):
        async def handle(reader, writer):
            await upstream.next_request(reader)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.01)

        return handle

    async with upstream_that(trickle) as upstream, client_to(upstream.url) as client:
        response = await client.request("GET", upstream.url, timeouts=Timeouts(read=5, total=0.2))
        with pytest.raises(TotalTimeout):
            await response.read()


async def test_a_download_nobody_reads_is_held_back(upstream_that, client_to):
    written = 0

    def pouring(upstream):
        async def handle(reader, writer):
            nonlocal written
            await upstream.next_request(reader)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 655360000\r\n\r\n")
            while written < 10_000:
                writer.write(b"x" * 65536)
                await writer.drain()
                written += 1

        return handle

    async with upstream_that(pouring) as upstream, client_to(upstream.url) as client:
        response = await client.request("GET", upstream.url)
        await asyncio.sleep(0.3)
        assert written < 1000
        before = written
        for _ in range(200):
            await response.next_piece()
        assert written > before
        response.close()


async def test_a_longer_body_than_the_bound_is_refused(upstream_that, answers, client_to):
    async with upstream_that(answers(OK)) as upstream, client_to(upstream.url) as client:
        response = await client.request("GET", upstream.url)
        with pytest.raises(BodyTooLarge):
            await response.read(limit=1)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nA: b\r\n folded\r\n\r\nok",
        b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 700 What\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.9\r\n",
    ],
)
async def test_an_answer_that_is_not_http_as_it_must_be_is_refused(upstream_that, answers, client_to, answer):
    async with upstream_that(answers(answer)) as upstream, client_to(upstream.url) as client:
        with pytest.raises(ProtocolViolation):
            await client.request("GET", upstream.url)
        assert await _gone(client, upstream.url)


async def _gone(client, url):
    await until(lambda: client.counts() == {url: 0})
    return True


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 1000, id="many fields"),
        pytest.param(b"HTTP/1.1 200 OK\r\nA: " + b"b" * 100_000, id="one field without end"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000, id="informational answers without end"),
        pytest.param(b"HTTP/1.1 200 " + b"O" * 100_000, id="a reason without end"),
    ],
)
async def test_a_head_longer_than_the_limit_is_refused(upstream_that, answers, client_to, answer):
    async with (
        upstream_that(answers(answer)) as upstream,
        client_to(upstream.url, Limits(response_head=4096)) as client,
    ):
        with pytest.raises(HeadersTooLarge):
            await client.request("GET", upstream.url)
