"""Whatever an upstream does, its bytes stay within the exchange they came in."""

import asyncio
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from kernel.transport.errors import TransportError
from kernel.transport.limits import Timeouts
from tests.kernel.transport.hostile_answers import OK, Answer, answers, upstream_answering


@settings(max_examples=60, deadline=None)
@given(answers(), st.binary(min_size=1, max_size=30))
def test_whatever_an_answer_was_the_next_caller_never_gets_its_bytes(answer: Answer, stray: bytes) -> None:
    """The hostile bytes stand before a proper server: the second call is answered by its own answer, or fails."""

    async def run() -> None:
        served = 0

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal served
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await reader.readuntil(b"\r\n\r\n")
                served += 1
                for part in [*answer.pieces(), stray] if served == 1 else [OK]:
                    writer.write(part)
                    await writer.drain()
                if served == 1 and answer.cut is None:
                    await reader.readuntil(b"\r\n\r\n")
                    writer.write(OK)
                    await writer.drain()
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        client = TransportClient(AddressPolicy.allowing([url]))
        with suppress(TransportError):
            await (await client.request("GET", url, timeouts=Timeouts(read=0.2))).read()
        with suppress(TransportError):
            second = await client.request("GET", url, timeouts=Timeouts(read=1))
            assert (second.status, await second.read()) == (200, b"ok")
        await client.aclose()
        server.close()
        await server.wait_closed()

    asyncio.run(run())


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=4))
def test_arbitrary_bytes_are_an_answer_or_a_transport_error(data: bytes, edges: list[int]) -> None:
    async def run() -> None:
        async with upstream_answering(Answer(b"HTTP/1.1 200 OK\r\n" + data, edges)) as url:
            client = TransportClient(AddressPolicy.allowing([url]))
            with suppress(TransportError):
                response = await client.request("GET", url, timeouts=Timeouts(read=5))
                await response.read()
            await client.aclose()

    asyncio.run(run())
