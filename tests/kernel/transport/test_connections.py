import asyncio

import pytest

from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from kernel.transport.errors import AddressDenied, ConnectFailed, PoolFull, UpstreamClosed
from kernel.transport.limits import Limits
from tests.support.patience import until

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


async def test_a_connection_serves_one_exchange_after_another(upstream_that, answers, client_to):
    async with upstream_that(answers(OK, OK, OK)) as upstream, client_to(upstream.url) as client:
        for _ in range(3):
            response = await client.request("POST", f"{upstream.url}/x?y=1", body=b"abc", headers=[(b"a", b"b")])
            assert (response.status, await response.read()) == (200, b"ok")
        assert upstream.connections == 1
        assert upstream.requests[0].startswith(b"POST /x?y=1 HTTP/1.1\r\nhost: 127.0.0.1:")
        assert upstream.requests[0].endswith(b"a: b\r\ncontent-length: 3\r\n\r\nabc")


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
    first_is_over, stolen = asyncio.Event(), asyncio.Event()

    def late(upstream):
        async def handle(reader, writer):
            await upstream.next_request(reader)
            writer.write(OK)
            await first_is_over.wait()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nstolen")
            stolen.set()
            await reader.read()

        return handle

    async with upstream_that(late) as upstream, client_to(upstream.url) as client:
        assert await (await client.request("POST", upstream.url)).read() == b"ok"
        first_is_over.set()
        await stolen.wait()
        await asyncio.sleep(0.05)
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
        await until(lambda: client.counts() == {upstream.url: 0})


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
    asked = asyncio.Event()

    def slow(upstream):
        async def handle(reader, writer):
            await upstream.next_request(reader)
            if upstream.connections == 1:
                asked.set()
                await asyncio.sleep(0.1)
            writer.write(OK)
            await reader.read()

        return handle

    async with upstream_that(slow) as upstream, client_to(upstream.url) as client:
        call = asyncio.create_task(client.request("GET", upstream.url))
        await asked.wait()
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
