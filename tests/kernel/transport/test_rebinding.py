"""The address that was checked is the one that is dialled, however a name is spelt and whatever it says next."""

import asyncio
import socket

import pytest

from kernel.transport.addresses import AddressPolicy, resolve
from kernel.transport.client import TransportClient
from kernel.transport.errors import AddressDenied, ConnectFailed, TransportError
from kernel.transport.origin import parse_url
from tests.support.listening import listening

ANSWER = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"


class Listener:
    """Counts who came; answers everybody alike."""

    def __init__(self) -> None:
        self.visits = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ANSWER)


@pytest.fixture
async def two_sides():
    """One port on two addresses: 127.0.0.1 stands for the outside, 127.0.0.2 for what must not be reached."""
    outside, inside = Listener(), Listener()
    async with listening(outside) as port, listening(inside, "127.0.0.2", port):
        yield outside, inside, port


@pytest.fixture
def name_says(monkeypatch):
    """Has every name resolve to the next of the given lists of addresses, the last one for ever."""

    def say(*answers: list[str]):
        asked = []

        async def getaddrinfo(host, port, **_options: object):
            addresses = answers[min(len(asked), len(answers) - 1)]
            asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
        return asked

    return say


async def test_a_name_is_resolved_once_for_a_connection_and_checked_for_each(two_sides, name_says):
    outside, inside, port = two_sides
    asked = name_says(["127.0.0.1"], ["127.0.0.2"])
    client = TransportClient(AddressPolicy.allowing(networks=["127.0.0.1/32"]))
    url = f"http://rebinding.example:{port}/"
    assert await (await client.request("GET", url)).read() == b"ok"
    assert asked == ["rebinding.example"]
    with pytest.raises(AddressDenied):
        await client.request("GET", url)
    await client.aclose()
    assert (outside.visits, inside.visits) == (1, 0)


async def test_of_several_addresses_only_those_that_are_allowed_are_dialled(two_sides, name_says):
    outside, inside, port = two_sides
    name_says(["127.0.0.2", "127.0.0.1"])
    client = TransportClient(AddressPolicy.allowing(networks=["127.0.0.1/32"]))
    assert await (await client.request("GET", f"http://both.example:{port}/")).read() == b"ok"
    name_says(["127.0.0.2", "127.0.0.3"])
    with pytest.raises(AddressDenied):
        await client.request("GET", f"http://inside.example:{port}/")
    await client.aclose()
    assert (outside.visits, inside.visits) == (1, 0)


async def test_an_allowed_address_that_does_not_answer_opens_no_way_to_another(two_sides, name_says):
    _, inside, port = two_sides
    name_says(["127.0.0.9", "127.0.0.2"])
    client = TransportClient(AddressPolicy.allowing(networks=["127.0.0.9/32"]))
    with pytest.raises(ConnectFailed):
        await client.request("GET", f"http://away.example:{port}/")
    await client.aclose()
    assert inside.visits == 0


@pytest.mark.parametrize(
    "host",
    [
        "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "0", "0.0.0", "localhost", "LOCALHOST",
        "localhost.", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
        "[64:ff9b::7f00:1]", "[64:ff9b:1::1]",
        "[2002:7f00:1::]", "\u2460\u2461\u2466.0.0.1", "127\u30020\u30020\u30021", "169.254.169.254", "[fd00:ec2::254]",
        "2852039166", "[::ffff:a9fe:a9fe]", "100.100.100.200", "metadata.google.internal",
    ],
)  # fmt: skip
async def test_no_spelling_leads_inside(host):
    with pytest.raises(TransportError):
        await resolve(parse_url(f"http://{host}/")[0], AddressPolicy())


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_an_answer_and_is_not_followed(two_sides, upstream_that, answers, client_to, status):
    _, inside, port = two_sides
    there = f"http://127.0.0.2:{port}/latest/meta-data/".encode()
    answer = b"HTTP/1.1 %d Go\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n" % (status, there)
    async with upstream_that(answers(answer)) as upstream, client_to(upstream.url) as client:
        response = await client.request("GET", upstream.url)
        assert (response.status, response.header(b"location")) == (status, there)
    assert inside.visits == 0
