"""An upstream with several servers, some of which fail: calls go on, each signed for the server that gets it."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack

import pytest

from kernel.signing.request_signature import message_from_asgi, verify_request
from kernel.transport.addresses import AddressPolicy
from tests.gateway.dataplane.conftest import HMAC_KEY, Served, Upstream, component, token
from tests.support.patience import until
from tests.support.server import free_port

SEARCH, READ = "/api/cmdb/prod/search", "/api/cmdb/prod/read"


@pytest.fixture
async def servers():
    async with AsyncExitStack() as stack:
        made = [Upstream(), Upstream(), Upstream()]
        for server in made:
            server.url = await stack.enter_async_context(Served(server))
        yield made


def spread(gateway, urls, policies=(), **settings: object):
    """Has the system forward to these servers."""
    gateway.plane._client._policy = AddressPolicy.allowing(urls)
    upstream = {"targets": [{"url": f"{url}/base", "weight": 1} for url in urls], **settings}
    parts = [component("search"), component("read", "GET")]
    gateway.system(*parts, upstreams={"default": upstream}, policies=list(policies))


def counts(servers):
    return [len(server.received) for server in servers]


async def test_calls_are_shared_out_by_weight_and_signed_for_their_server(gateway, servers):
    urls = [server.url for server in servers]
    spread(gateway, urls, targets=[{"url": f"{url}/base", "weight": at + 1} for at, url in enumerate(urls)])
    for _ in range(12):
        assert (await gateway.call(SEARCH, content=b"{}")).status_code == 200
    assert counts(servers) == [2, 4, 6]
    for server in servers:
        for received in server.received:
            assert received.target == "/base/search"
            verify_request(
                message_from_asgi(received.scope), received.body, keys={"cmdb": HMAC_KEY}, now=gateway.clock(),
                nonce_seen=lambda _nonce, _expires: False,
            )  # fmt: skip


async def test_a_caller_stays_with_its_server(gateway, servers):
    spread(gateway, [server.url for server in servers], balance="consistent-hash", hash_on="header:x-shard")
    where = {}
    for _ in range(2):
        for shard in "abcdefgh":
            before = counts(servers)
            await gateway.call(SEARCH, content=b"{}", headers={"x-shard": shard})
            (place,) = [at for at, (old, new) in enumerate(zip(before, counts(servers), strict=True)) if new > old]
            assert where.setdefault(shard, place) == place
    assert len(set(where.values())) > 1


async def test_a_slow_server_gets_fewer_calls(gateway, servers):
    slow, *others = servers
    slow.gate = asyncio.Event()
    spread(gateway, [server.url for server in servers], balance="least-connections")
    waiting = [asyncio.create_task(gateway.call(SEARCH, content=b"{}")) for _ in range(3)]
    await until(lambda: bool(slow.received))
    for _ in range(10):
        await gateway.call(SEARCH, content=b"{}")
    assert counts(servers)[0] == 1
    slow.gate.set()
    assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {200}
    assert sum(counts(others)) == 12


async def test_a_call_that_never_reached_its_server_goes_to_another_one(gateway, servers):
    urls = [f"http://127.0.0.1:{free_port()}", servers[0].url]
    spread(gateway, urls)
    for _ in range(6):
        assert (await gateway.call(SEARCH, content=b'{"n": 12345678901234567890}')).status_code == 200
    assert counts(servers) == [6, 0, 0]


async def test_a_server_that_fails_is_left_alone_for_a_while(gateway, servers):
    servers[0].status = 503
    health = {"passive": {"failures": 2, "eject_seconds": 30}}
    spread(gateway, [server.url for server in servers[:2]], health=health)
    statuses = Counter([(await gateway.call(SEARCH, content=b"{}")).status_code for _ in range(10)])
    assert statuses == {503: 2, 200: 8}
    assert [(state.server, state.is_up) for state in gateway.plane.server_states()] == [
        (servers[0].url, False),
        (servers[1].url, True),
    ]
    servers[0].status = 200
    gateway.clock.late = 31
    for _ in range(4):
        await gateway.call(SEARCH, content=b"{}")
    assert counts(servers)[0] == 4


async def test_a_publication_makes_nobody_forget_who_is_down(gateway, servers):
    servers[0].status = 503
    health = {"passive": {"failures": 1, "eject_seconds": 30}}
    urls = [server.url for server in servers[:2]]
    spread(gateway, urls, health=health)
    for _ in range(2):
        await gateway.call(SEARCH, content=b"{}")
    spread(gateway, urls, health=health, timeout=7)
    statuses = [(await gateway.call(SEARCH, content=b"{}")).status_code for _ in range(6)]
    assert statuses == [200] * 6


async def test_when_all_are_down_all_are_tried(gateway, servers):
    for server in servers[:2]:
        server.status = 502
    spread(gateway, [server.url for server in servers[:2]], health={"passive": {"failures": 1, "eject_seconds": 30}})
    for _ in range(4):
        assert (await gateway.call(SEARCH, content=b"{}")).status_code == 502
    for server in servers[:2]:
        server.status = 200
    assert (await gateway.call(SEARCH, content=b"{}")).status_code == 200


async def test_active_checks_take_a_server_out_and_back(gateway, servers):
    sick, well = servers[:2]
    sick.status = 500
    check = {"path": "/healthz", "interval": 0.02, "healthy_after": 1, "unhealthy_after": 2, "statuses": [200]}
    spread(gateway, [sick.url, well.url], health={"active": check})
    await gateway.call(SEARCH, content=b"{}")

    def checks():
        return [received for received in sick.received if received.target == "/healthz"]

    async def checked(times):
        wanted = len(checks()) + times
        await until(lambda: len(checks()) >= wanted)

    await checked(4)
    assert [(await gateway.call(SEARCH, content=b"{}")).status_code for _ in range(4)] == [200] * 4
    assert all(received.header("authorization") is None for received in checks())
    sick.status = 200
    await checked(3)
    before = len(sick.received) - len(checks())
    for _ in range(4):
        await gateway.call(SEARCH, content=b"{}")
    assert len(sick.received) - len(checks()) == before + 2
    gateway.system(component("search"))
    await checked(0)
    await asyncio.sleep(0.1)
    asked = len(checks())
    await asyncio.sleep(0.1)
    assert len(checks()) == asked  # nobody asks about an upstream that is gone


class TestRetry:
    async def test_a_read_is_repeated_on_another_server_signed_anew(self, gateway, servers):
        servers[0].status = 503
        policy = {"kind": "retry", "config": {"attempts": 2, "pause": 0}}
        spread(gateway, [server.url for server in servers[:2]], [policy])
        answers = [await gateway.call(READ, "GET") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200] * 4
        signatures = [received.header("signature") for server in servers for received in server.received]
        assert len(set(signatures)) == len(signatures) == 6

    async def test_a_write_is_repeated_only_under_its_key(self, gateway, servers):
        servers[0].status = 503
        policy = {"kind": "retry", "config": {"attempts": 2, "pause": 0, "with_idempotency_key": True}}
        spread(gateway, [servers[0].url], [policy])
        assert (await gateway.call(SEARCH, content=b"{}")).status_code == 503
        assert counts(servers) == [1, 0, 0]
        answer = await gateway.call(SEARCH, content=b'{"a": 1}', headers={"idempotency-key": "k1"})
        assert answer.status_code == 503
        assert [received.body for received in servers[0].received[1:]] == [b'{"a": 1}'] * 2
        assert [received.header("idempotency-key") for received in servers[0].received[1:]] == ["k1"] * 2

    async def test_it_ends_after_so_many_attempts(self, gateway, servers):
        servers[0].status = 502
        spread(gateway, [servers[0].url], [{"kind": "retry", "config": {"attempts": 4, "pause": 0}}])
        assert (await gateway.call(READ, "GET")).status_code == 502
        assert counts(servers)[0] == 4

    async def test_a_body_that_streams_is_sent_once(self, gateway, servers):
        servers[0].status = 503
        policy = {"kind": "retry", "config": {"attempts": 3, "pause": 0, "with_idempotency_key": True}}
        gateway.plane._client._policy = AddressPolicy.allowing([servers[0].url])
        upstream = {"targets": [{"url": servers[0].url}]}
        gateway.system(
            component("search"), upstreams={"default": upstream}, policies=[policy], signing={"profile": "none"}
        )

        async def pieces():
            for _ in range(3):
                yield b"x" * 100
                await asyncio.sleep(0.02)

        answer = await gateway.call(SEARCH, content=pieces(), headers={"idempotency-key": "k"})
        assert answer.status_code == 503
        assert counts(servers)[0] == 1


BREAKER = {"kind": "circuit-breaker", "config": {"failures": 3, "open_seconds": 5.0}}


class TestCircuitBreaker:
    async def test_it_opens_tries_and_closes(self, gateway, servers):
        servers[0].status = 500
        spread(gateway, [servers[0].url], [BREAKER])
        for _ in range(3):
            assert (await gateway.call(READ, "GET")).status_code == 500
        refused = await gateway.call(READ, "GET")
        assert (refused.status_code, refused.headers["x-bkapi-error-code"]) == (503, "1650300")
        assert int(refused.headers["retry-after"]) in (4, 5)
        assert counts(servers)[0] == 3
        servers[0].status = 200
        gateway.clock.late = 6
        bearer = token(exp=int(gateway.clock()) + 100)
        assert [(await gateway.call(READ, "GET", bearer=bearer)).status_code for _ in range(3)] == [200] * 3

    async def test_what_the_client_did_wrong_counts_for_nothing(self, gateway, servers):
        servers[0].status = 404
        spread(gateway, [servers[0].url], [BREAKER])
        for _ in range(5):
            assert (await gateway.call(READ, "GET")).status_code == 404
            assert (await gateway.call(READ, "GET", bearer="nonsense")).status_code == 401

    async def test_an_upstream_that_cannot_be_reached_opens_it(self, gateway):
        spread(gateway, [f"http://127.0.0.1:{free_port()}"], [BREAKER])
        codes = [(await gateway.call(READ, "GET")).headers["x-bkapi-error-code"] for _ in range(4)]
        assert codes == ["1650200"] * 3 + ["1650300"]
