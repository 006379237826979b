"""An upstream that closes its unused connections: no call meets one that is just being closed."""

import asyncio

import pytest

from kernel.transport.limits import Limits

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n%b\r\nok"


def lasting(seconds, header=b"", delay=0.0):
    """Closes a connection that was unused for so long; answers each request after ``delay``."""

    def make(upstream):
        async def handle(reader, writer):
            while True:
                try:
                    async with asyncio.timeout(seconds):
                        await upstream.next_request(reader)
                except TimeoutError:
                    return
                await asyncio.sleep(delay)
                writer.write(OK % header)

        return handle

    return make


async def test_reads_at_any_pace_meet_no_closed_connection(upstream_that, client_to):
    async with upstream_that(lasting(0.05)) as upstream, client_to(upstream.url) as client:
        for pause in [at / 1000 for at in range(40, 60)]:
            assert await (await client.request("GET", upstream.url)).read() == b"ok"
            await asyncio.sleep(pause)
        assert len(upstream.requests) >= 20


async def test_writes_meet_none_of_an_upstream_with_the_patience_of_common_servers(upstream_that, client_to):
    """Of one that closes after a second and more; the common ones have two (gunicorn), five, sixty or 75."""
    async with upstream_that(lasting(1.0)) as upstream, client_to(upstream.url) as client:
        for pause in (0.3, 0.49, 0.51, 0.98, 0.99, 1.0, 1.01, 1.02, 0):
            assert await (await client.request("POST", upstream.url, body=b"x")).read() == b"ok"
            await asyncio.sleep(pause)
        assert len(upstream.requests) == 9


async def test_what_the_upstream_tells_of_its_patience_is_believed(upstream_that, client_to):
    told = b"Keep-Alive: timeout=2, max=100\r\n"
    async with upstream_that(lasting(60, told)) as upstream, client_to(upstream.url, Limits(idle=60)) as client:
        for pause in (0.1, 1.2, 0):
            assert await (await client.request("GET", upstream.url)).read() == b"ok"
            await asyncio.sleep(pause)
        assert upstream.connections == 2


@pytest.mark.parametrize("told", [b"timeout=x", b"timeout", b"max=5", b"timeout=" + b"9" * 50, b"=,;"])
async def test_nonsense_about_patience_changes_nothing(upstream_that, client_to, told):
    header = b"Keep-Alive: %b\r\n" % told
    async with upstream_that(lasting(60, header)) as upstream, client_to(upstream.url) as client:
        for _ in range(3):
            assert await (await client.request("GET", upstream.url)).read() == b"ok"
        assert upstream.connections == 1


async def test_what_must_not_be_sent_twice_goes_over_a_connection_in_use_a_moment_ago(upstream_that, client_to):
    async with upstream_that(lasting(60)) as upstream, client_to(upstream.url, Limits(idle=60)) as client:
        await (await client.request("POST", upstream.url, body=b"x")).read()
        await (await client.request("POST", upstream.url, body=b"x")).read()
        assert upstream.connections == 1
        await asyncio.sleep(0.6)
        await (await client.request("POST", upstream.url, body=b"x")).read()
        assert upstream.connections == 2
        await asyncio.sleep(0.6)
        await (await client.request("GET", upstream.url)).read()
        assert upstream.connections == 2


async def test_an_upstream_that_was_seen_to_keep_connections_longer_gets_writes_over_them(upstream_that, client_to):
    async with upstream_that(lasting(60)) as upstream, client_to(upstream.url) as client:
        await asyncio.gather(*(_write(client, upstream) for _ in range(2)))
        await asyncio.sleep(2.0)
        await asyncio.gather(*(_write(client, upstream) for _ in range(2)))
        opened = upstream.connections
        await asyncio.sleep(0.6)
        await asyncio.gather(*(_write(client, upstream) for _ in range(2)))
        assert upstream.connections == opened


async def _write(client, upstream):
    assert await (await client.request("POST", upstream.url, body=b"x")).read() == b"ok"
