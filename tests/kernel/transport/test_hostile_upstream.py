"""Our client and httpx read the same answers from the same bytes, however they are cut."""

import asyncio
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from kernel.transport.errors import TransportError
from kernel.transport.limits import Timeouts

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Answer:
    """The bytes of one answer and where they are cut into pieces; ``cut`` is where the connection ends early."""

    data: bytes
    pieces: list[int]
    cut: int | None
    reset: bool = False

    def parts(self) -> list[bytes]:
        data = self.data if self.cut is None else self.data[: self.cut]
        edges = sorted({edge % (len(data) + 1) for edge in self.pieces} | {0, len(data)})
        return [data[start:end] for start, end in pairwise(edges)]


tokens = st.text("abcdefXYZ-09", min_size=1, max_size=8).map(str.encode)
values = st.text("abc XYZ09,;=\"'", max_size=12).map(lambda text: text.strip().encode())
fields = st.lists(st.tuples(tokens.map(lambda token: b"x-" + token), values), max_size=4)


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    body = draw(st.binary(max_size=40))
    framing = draw(st.sampled_from(["length", "wrong length", "chunked", "close"]))
    status = draw(st.sampled_from([200, 201, 204, 304, 404, 500]))
    headers = draw(fields)
    trailers = draw(fields) if framing == "chunked" else []
    if framing == "length":
        headers.append((b"Content-Length", b"%d" % len(body)))
    elif framing == "wrong length":
        headers.append((b"Content-Length", b"%d" % (len(body) + draw(st.integers(1, 5)))))
    elif framing == "chunked":
        headers.append((b"Transfer-Encoding", b"chunked"))
        size = draw(st.integers(1, 10))
        extension = draw(st.sampled_from([b"", b";a=b"]))
        chunks = [body[at : at + size] for at in range(0, len(body), size)]
        body = b"".join(b"%x%b\r\n%b\r\n" % (len(part), extension, part) for part in chunks)
        body += b"0\r\n" + b"".join(b"%b: %b\r\n" % trailer for trailer in trailers) + b"\r\n"
    if status in (204, 304):
        body, headers = (
            b"",
            [header for header in headers if header[0] not in (b"Content-Length", b"Transfer-Encoding")],
        )
    early = draw(
        st.sampled_from([b"", b"HTTP/1.1 103 Early Hints\r\nX-A: b\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"])
    )
    head = b"HTTP/1.1 %d Word\r\n" % status + b"".join(b"%b: %b\r\n" % header for header in headers) + b"\r\n"
    data = early + head + body
    cut = draw(st.none() | st.integers(0, len(data)))
    return Answer(data, draw(st.lists(st.integers(0, 300), max_size=6)), cut)


async def ours(url: str, method: str) -> tuple[int, list[tuple[bytes, bytes]], bytes] | None:
    client = TransportClient(AddressPolicy.allowing([url]))
    try:
        response = await client.request(method, url, timeouts=Timeouts(read=5))
        return response.status, response.headers, await response.read()
    except TransportError:
        return None
    finally:
        await client.aclose()


async def theirs(url: str, method: str) -> tuple[int, list[tuple[bytes, bytes]], bytes] | None:
    async with httpx.AsyncClient(trust_env=False) as client:
        try:
            async with client.stream(method, url, headers={"content-length": "0"}) as response:
                body = b"".join([piece async for piece in response.aiter_raw()])
                return response.status_code, response.headers.raw, body
        except httpx.TransportError:
            return None


async def ask_both(answer: Answer, method: str) -> tuple[object, object]:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            for part in answer.parts():
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0)
        if answer.reset:
            sock = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        return await ours(url, method), await theirs(url, method)
    finally:
        server.close()
        await server.wait_closed()


WITH_LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello"
IN_CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nX-T: v\r\n\r\n"


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("data", [WITH_LENGTH, IN_CHUNKS])
async def test_an_answer_that_ends_at_any_byte_is_an_error_and_the_whole_one_is_not(data, reset):
    for cut in range(len(data)):
        assert await ask_both(Answer(data, [], cut, reset), "GET") == (None, None)
    whole = await ask_both(Answer(data, list(range(len(data))), None), "GET")
    assert whole[0] == whole[1] is not None


@settings(max_examples=150, deadline=None)
@given(answers(), st.sampled_from(["GET", "POST"]))
def test_our_client_and_httpx_read_the_same(answer: Answer, method: str) -> None:
    mine, httpxs = asyncio.run(ask_both(answer, method))
    assert mine == httpxs


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
                for part in [*answer.parts(), stray] if served == 1 else [OK]:
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
def test_arbitrary_bytes_are_an_answer_or_a_transport_error(data: bytes, pieces: list[int]) -> None:
    async def run() -> None:
        mine, _ = await ask_both(Answer(b"HTTP/1.1 200 OK\r\n" + data, pieces, None), "GET")
        assert mine is None or isinstance(mine, tuple)

    asyncio.run(run())
