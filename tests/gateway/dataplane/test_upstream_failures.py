"""What the upstream does wrong becomes a documented gateway error that names system and component, and no address."""

import asyncio
from contextlib import asynccontextmanager

import httpx
import pytest

from kernel.transport.addresses import AddressPolicy
from tests.gateway.dataplane.conftest import component

SEARCH = "/api/cmdb/prod/search"


def failed(answer, status, code):
    assert (answer.status_code, answer.headers["x-bkapi-error-code"]) == (status, str(code))
    message = answer.json()["message"]
    assert "system cmdb, component search" in message
    assert "127.0.0.1" not in message


async def test_an_upstream_that_is_not_there(gateway):
    gateway.plane._client._policy = AddressPolicy.allowing(["http://127.0.0.1:1"])
    gateway.system(component("search"), upstream={"base_url": "http://127.0.0.1:1"})
    failed(await gateway.call(SEARCH), 502, 1650200)


@pytest.mark.parametrize(
    "base_url", ["http://127.0.0.1:9", "http://169.254.169.254", "http://[::1]:80", "http://localhost:9"]
)
async def test_an_address_inside_that_nobody_listed(gateway, base_url):
    gateway.system(component("search"), upstream={"base_url": base_url})
    failed(await gateway.call(SEARCH), 502, 1650200)


@asynccontextmanager
async def raw_upstream(gateway, answer, seconds=10):
    """Listed, and the component's upstream; it says ``answer`` to a request, or nothing."""
    writers = []

    async def connected(reader, writer):
        writers.append(writer)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await reader.read()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    gateway.plane._client._policy = AddressPolicy.allowing([url])
    gateway.system(component("search", timeout=seconds), upstream={"base_url": url})
    yield
    await gateway.plane.aclose()
    server.close()
    for writer in writers:
        writer.close()
        await writer.wait_closed()


async def test_an_upstream_that_is_silent(gateway):
    async with raw_upstream(gateway, b"", seconds=0.2):
        failed(await gateway.call(SEARCH), 504, 1650401)


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
    ],
)
async def test_an_upstream_that_does_not_speak_http(gateway, answer):
    async with raw_upstream(gateway, answer):
        failed(await gateway.call(SEARCH), 502, 1650201)


async def test_an_answer_that_breaks_off_never_looks_complete(gateway):
    async with raw_upstream(gateway, b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", seconds=0.2):
        with pytest.raises(httpx.RemoteProtocolError):
            await gateway.call(SEARCH)


async def test_a_fault_of_ours_is_told_without_detail(gateway, monkeypatch, caplog):
    def fault(*_: object, **__: object) -> None:
        raise ZeroDivisionError("inner detail")

    monkeypatch.setattr(gateway.plane._road, "clock", fault)
    answer = await gateway.call(SEARCH)
    assert (answer.status_code, answer.headers["x-bkapi-error-code"]) == (500, "1650001")
    assert "inner detail" not in answer.text
    assert "inner detail" in caplog.text
