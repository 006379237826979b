"""A name with several addresses, and one that leads elsewhere after a while."""

import asyncio
import socket
from collections import Counter

import pytest

from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from kernel.transport.limits import Limits
from tests.support.listening import listening
from tests.support.patience import until

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n%b"
POLICY = AddressPolicy.allowing(networks=["127.0.0.0/8"])


@pytest.fixture
async def port():
    """One port on 127.0.0.1 and 127.0.0.2; each answers with its own address, and keeps the connection."""

    async def answer(reader, writer):
        address = writer.get_extra_info("sockname")[0].encode()
        while await reader.readline():
            await reader.readuntil(b"\r\n\r\n")
            writer.write(ANSWER % address)

    async with listening(answer) as number, listening(answer, "127.0.0.2", number):
        yield number


@pytest.fixture
async def resolver(monkeypatch):
    """The name's addresses, as a list that a test changes; None for a resolver that is away."""
    said = {"addresses": ["127.0.0.1"]}

    async def getaddrinfo(host, port, **_options: object):
        if said["addresses"] is None:
            raise socket.gaierror("away")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in said["addresses"]]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    return said


async def ask(client, port):
    return (await (await client.request("GET", f"http://several.example:{port}/")).read()).decode()


async def test_connections_are_spread_over_all_addresses_of_a_name(port, resolver):
    resolver["addresses"] = ["127.0.0.1", "127.0.0.2"]
    client = TransportClient(POLICY)
    answers = Counter(await asyncio.gather(*(ask(client, port) for _ in range(8))))
    assert answers == {"127.0.0.1": 4, "127.0.0.2": 4}
    await client.aclose()


async def test_an_address_that_does_not_answer_is_passed_over(port, resolver):
    resolver["addresses"] = ["127.0.0.3", "127.0.0.2"]
    client = TransportClient(POLICY)
    assert set(await asyncio.gather(*(ask(client, port) for _ in range(6)))) == {"127.0.0.2"}
    await client.aclose()


async def test_when_a_name_leads_elsewhere_its_connections_end_as_they_become_free(port, resolver):
    client = TransportClient(POLICY, limits=Limits(resolved_for=0.1, idle=60))
    assert await ask(client, port) == "127.0.0.1"
    busy = await client.request("GET", f"http://several.example:{port}/")
    resolver["addresses"] = ["127.0.0.2"]

    async def leads_elsewhere():
        return await ask(client, port) != "127.0.0.1"

    await until(leads_elsewhere)
    assert await busy.read() == b"127.0.0.1"
    assert [await ask(client, port) for _ in range(3)] == ["127.0.0.2"] * 3
    await client.aclose()


async def test_connections_that_work_outlive_the_resolver(port, resolver):
    client = TransportClient(POLICY, limits=Limits(resolved_for=0.05, idle=60))
    assert await ask(client, port) == "127.0.0.1"
    resolver["addresses"] = None
    for _ in range(5):
        await asyncio.sleep(0.1)
        assert await ask(client, port) == "127.0.0.1"
    await client.aclose()
