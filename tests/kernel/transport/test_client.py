import asyncio

import pytest

from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from kernel.transport.errors import (
    AddressDenied,
    BodyTooLarge,
    ConnectFailed,
    HeadersTooLarge,
    InvalidRequest,
    PoolFull,
    ProtocolViolation,
    ReadTimeout,
    TotalTimeout,
    UpstreamClosed,
)
from kernel.transport.limits import Limits, Timeouts
from kernel.transport.request import StreamedBody

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


async def test_a_connection_serves_one_exchange_after_another(upstream_that, answers, client_to):
    async with upstream_that(answers(OK, OK, OK)) as upstream, client_to(upstream.url) as client:
        for _ in range(3):
            response = await client.request("POST", f"{upstream.url}/x?y=1", body=b"abc", headers=[(b"a", b"b")])
            assert (response.status, await response.read()) == (200, b"ok")
        assert upstream.connections == 1
        assert upstream.requests[0].startswith(b"POST /x?y=1 HTTP/1.1\r\nhost: 127.0.0.1:")
        assert upstream.requests[0].endswith(b"a: b\r\ncontent-length: 3\r\n\r\nabc")


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


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(OK + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nstolen", id="a second answer"),
        pytest.param(OK + b"garbage", id="garbage"),
        pytest.param(OK + b"\x00", id="one byte"),
    ],
)
async def test_a_connection_with_bytes_after_the_answer_is_never_used_again(upstream_that, answers, client_to, answer):
    async with upstream_that(answers(answer)) as upstream, client_to(upstream.url) as client:
        assert await (await client.request("GET", upstream.url)).read() == b"ok"
        assert await (await client.request("GET", upstream.url)).read() == b"ok"
        assert upstream.connections == 2


async def test_bytes_that_come_while_the_connection_is_unused_poison_it(upstream_that, client_to):
    def late(upstream):
        async def handle(reader, writer):
            await upstream.next_request(reader)
            writer.write(OK)
            await asyncio.sleep(0.05)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nstolen")
            await reader.read()

        return handle

    async with upstream_that(late) as upstream, client_to(upstream.url) as client:
        assert await (await client.request("POST", upstream.url)).read() == b"ok"
        await asyncio.sleep(0.1)
        assert await (await client.request("POST", upstream.url)).read() == b"ok"
        assert upstream.connections == 2


async def test_a_connection_to_a_server_that_says_close_is_not_used_again(upstream_that, answers, client_to):
    answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
    async with upstream_that(answers(answer)) as upstream, client_to(upstream.url) as client:
        for _ in range(2):
            assert await (await client.request("GET", upstream.url)).read() == b"ok"
        assert upstream.connections == 2


def closing_after_first_answer(upstream):
    """Reads a second request on the same connection, and ends without an answer."""

    async def handle(reader, writer):
        await upstream.next_request(reader)
        writer.write(OK)
        await upstream.next_request(reader)

    return handle


async def test_a_safe_request_on_a_connection_that_ended_unanswered_is_repeated(upstream_that, client_to):
    async with upstream_that(closing_after_first_answer) as upstream, client_to(upstream.url) as client:
        for _ in range(2):
            assert await (await client.request("GET", upstream.url)).read() == b"ok"
        assert (upstream.connections, len(upstream.requests)) == (2, 3)


async def test_a_changing_request_that_may_have_been_processed_is_not_repeated(upstream_that, client_to):
    async with upstream_that(closing_after_first_answer) as upstream, client_to(upstream.url) as client:
        await (await client.request("POST", upstream.url, body=b"1")).read()
        with pytest.raises(UpstreamClosed):
            await client.request("POST", upstream.url, body=b"2")
        assert len(upstream.requests) == 2


async def test_a_connection_the_upstream_ended_while_unused_costs_no_call(upstream_that, answers, client_to):
    async with upstream_that(answers(OK, close=True)) as upstream, client_to(upstream.url) as client:
        for _ in range(3):
            assert await (await client.request("POST", upstream.url, body=b"1")).read() == b"ok"
            await asyncio.sleep(0.05)
        assert (upstream.connections, len(upstream.requests)) == (3, 3)


async def test_unused_connections_are_closed_after_the_idle_limit(upstream_that, answers, client_to):
    async with upstream_that(answers(OK)) as upstream, client_to(upstream.url, Limits(idle=0.05)) as client:
        await (await client.request("GET", upstream.url)).read()
        assert client.counts() == {upstream.url: 1}
        async with asyncio.timeout(5):
            while client.counts() != {upstream.url: 0}:  # noqa: ASYNC110 - the client tells nobody when it closes
                await asyncio.sleep(0.01)


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
    async with asyncio.timeout(5):
        while client.counts() != {url: 0}:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)
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


async def test_no_more_connections_are_opened_than_the_limit_allows(upstream_that, client_to):
    def silent(upstream):
        async def handle(reader, writer):
            await reader.read()

        return handle

    async with (
        upstream_that(silent) as upstream,
        client_to(upstream.url, Limits(connections_per_origin=1)) as client,
    ):
        first = asyncio.create_task(client.request("GET", upstream.url))
        await asyncio.sleep(0.05)
        with pytest.raises(PoolFull):
            await client.request("GET", upstream.url)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first


async def test_a_cancelled_call_gives_its_connection_up(upstream_that, client_to):
    def slow(upstream):
        async def handle(reader, writer):
            await upstream.next_request(reader)
            if upstream.connections == 1:
                await asyncio.sleep(0.1)
            writer.write(OK)
            await reader.read()

        return handle

    async with upstream_that(slow) as upstream, client_to(upstream.url) as client:
        call = asyncio.create_task(client.request("GET", upstream.url))
        await asyncio.sleep(0.03)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert await (await client.request("GET", upstream.url)).read() == b"ok"
        assert upstream.connections == 2


async def test_a_refused_connection_says_so(client_to):
    server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    await server.wait_closed()
    async with client_to(url) as client:
        with pytest.raises(ConnectFailed):
            await client.request("GET", url)


async def test_an_origin_nobody_listed_is_not_dialled(upstream_that, answers):
    async with upstream_that(answers(OK)) as upstream:
        client = TransportClient(AddressPolicy.allowing(["http://127.0.0.1:1"]))
        with pytest.raises(AddressDenied):
            await client.request("GET", upstream.url)
        with pytest.raises(AddressDenied):
            await client.request("GET", upstream.url.replace("127.0.0.1", "localhost"))
        await client.aclose()
        assert upstream.connections == 0


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
