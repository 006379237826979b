"""A server at a Unix socket is asked as any other is."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kernel.transport.client import TransportClient
from kernel.transport.errors import ConnectFailed, UpstreamClosed
from kernel.transport.origin import Origin
from kernel.transport.unix_socket import UnixSocket

ORIGIN = Origin("http", "plugin", 80)


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[TransportClient]:
    made = TransportClient(dialling=UnixSocket(str(tmp_path / "socket")))
    yield made
    await made.aclose()


async def test_it_is_asked_over_one_connection_after_the_other_and_told_no_other_host(client, tmp_path) -> None:
    heads = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in range(2):
            heads.append(await reader.readuntil(b"\r\n\r\n"))
            heads.append(await reader.readexactly(4))
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n%d" % number)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_unix_server(answer, tmp_path / "socket")
    async with server:
        for number in (b"0", b"1"):
            response = await client.request_of(ORIGIN, "POST", "/invoke?a=1", headers=[(b"x-y", b"z")], body=b"body")
            assert (response.status, await response.read()) == (200, number)
    head = b"POST /invoke?a=1 HTTP/1.1\r\nhost: plugin\r\nx-y: z\r\ncontent-length: 4\r\n\r\n"
    assert heads == [head, b"body", head, b"body"]


async def test_one_that_listens_no_more_was_handed_nothing(client, tmp_path) -> None:
    with pytest.raises(ConnectFailed):
        await client.request_of(ORIGIN, "GET", "/")
    (tmp_path / "socket").touch()
    with pytest.raises(ConnectFailed):
        await client.request_of(ORIGIN, "GET", "/")


async def test_one_that_ends_in_the_middle_may_have_done_it(client, tmp_path) -> None:
    async def end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_unix_server(end, tmp_path / "socket"):
        with pytest.raises(UpstreamClosed):
            await client.request_of(ORIGIN, "POST", "/")
