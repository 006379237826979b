"""Calls that the product makes of the gateway in its own process: they go the road of every call."""

import asyncio

import pytest

from gateway.dataplane.own_calls import OwnCalls
from kernel.contracts.gateway_calls import GatewayAnswer
from kernel.transport.errors import BodyTooLarge, InvalidRequest, TotalTimeout, UpstreamClosed
from tests.gateway.dataplane.conftest import component, token
from tests.support.patience import until

SEARCH = "/api/cmdb/prod/search"
MOST = 1024


class Elsewhere:
    """The way over the network."""

    def __init__(self) -> None:
        self.asked = []

    async def call(self, method, target, headers, body, most_bytes):
        self.asked.append((method, target, list(headers), body, most_bytes))
        return GatewayAnswer(200, (), b"from elsewhere")


@pytest.fixture
def elsewhere():
    return Elsewhere()


@pytest.fixture
def calls(gateway, elsewhere):
    gateway.system(component("search", timeout=300), component("read", "GET"))
    gateway.app({"system": "cmdb", "component": None})
    gateway.plane.listens = True
    return OwnCalls(gateway.plane, elsewhere)


def _bearer(value=None):
    return [(b"authorization", b"Bearer " + (value or token()).encode())]


async def _search(calls, more=(), bearer=None):
    headers = [*_bearer(bearer), (b"content-type", b"application/json"), *more]
    return await calls.call("POST", f"{SEARCH}?page=2", headers, b'{"name":"a"}', MOST)


async def test_the_system_is_sent_what_a_call_over_the_network_sends_it(gateway, calls):
    answer = await _search(calls, [(b"idempotency-key", b"k1")])
    over_network = await gateway.call(
        f"{SEARCH}?page=2",
        content=b'{"name":"a"}',
        headers={"content-type": "application/json", "idempotency-key": "k1"},
    )
    inside, outside = gateway.upstream.received
    assert (answer.status, answer.body) == (over_network.status_code, over_network.content)
    assert (inside.method, inside.target, inside.body) == (outside.method, outside.target, outside.body)
    differing = {"signature", "signature-input", "x-request-id", "x-bkapi-request-id", "user-agent", "accept-encoding"}
    kept = [{name: value for name, value in sent.headers if name not in differing} for sent in (inside, outside)]
    assert kept[0] == {name: value for name, value in kept[1].items() if name != "accept"}
    assert answer.header(b"x-request-id") == inside.header("x-request-id").encode()


async def test_a_read_has_no_body(gateway, calls):
    assert (await calls.call("GET", "/api/cmdb/prod/read", _bearer(), b"", MOST)).status == 200
    assert gateway.upstream.received[0].body == b""


@pytest.mark.parametrize(("bearer", "status"), [(lambda: "nonsense", 401), (lambda: token(scope="other"), 403)])
async def test_the_gateway_refuses_as_it_refuses_everybody(gateway, calls, bearer, status):
    answer = await _search(calls, bearer=bearer())
    assert answer.status == status
    assert answer.header(b"x-bkapi-error-code") is not None
    assert gateway.upstream.received == []


async def test_an_identity_header_from_outside_does_not_survive(gateway, calls):
    await _search(calls, [(b"x-bkapi-app", b"forged")])
    assert gateway.upstream.received[0].header("x-bkapi-app") is None


@pytest.mark.parametrize(
    ("target", "header"),
    [(f"{SEARCH} HTTP/1.1\r\nx: y", (b"a", b"b")), (SEARCH, (b"a", b"b\r\nx: y")), (SEARCH, (b"a: b\r\nx", b"y"))],
)
async def test_what_could_end_a_line_early_is_not_sent(gateway, calls, target, header):
    with pytest.raises(InvalidRequest):
        await calls.call("POST", target, [*_bearer(), header], b"{}", MOST)
    assert gateway.upstream.received == []


async def test_an_answer_that_is_too_long_is_none(gateway, calls):
    gateway.upstream.pieces = [b"x" * MOST]
    assert len((await _search(calls)).body) == MOST
    gateway.upstream.pieces = [b"x" * MOST, b"x"]
    with pytest.raises(BodyTooLarge):
        await _search(calls)


async def test_who_waits_no_longer_lets_the_system_go(gateway, calls):
    gateway.upstream.gate = asyncio.Event()
    waiting = asyncio.create_task(_search(calls))
    await until(lambda: gateway.upstream.received)
    waiting.cancel()
    await asyncio.wait_for(gateway.upstream.ended.wait(), 60)


async def test_an_answer_that_never_ends_is_waited_for_no_longer(gateway, calls, elsewhere):
    gateway.upstream.gate = asyncio.Event()
    with pytest.raises(TotalTimeout):
        await _search(OwnCalls(gateway.plane, elsewhere, 0.05))
    await asyncio.wait_for(gateway.upstream.ended.wait(), 60)


async def test_a_process_that_does_not_listen_calls_over_the_network(gateway, calls, elsewhere):
    gateway.plane.listens = False
    answer = await _search(calls)
    assert answer.body == b"from elsewhere"
    assert elsewhere.asked[0][:2] == ("POST", f"{SEARCH}?page=2")
    assert gateway.upstream.received == []


class Stopping:
    """A data plane whose process begins to stop as a call comes in."""

    def __init__(self, plane) -> None:
        self.plane, self.listens, self.own_calls = plane, True, set()
        self.hosts, self.outbox = plane.hosts, plane.outbox

    def serve(self, exchange):
        self.listens = False
        self.plane.serve(exchange)


async def test_what_the_gateway_fails_in_while_the_process_stops_was_not_answered(gateway, calls, elsewhere):
    gateway.upstream.url = "http://127.0.0.1:9"
    gateway.system(component("search"))
    assert (await _search(calls)).status == 502
    with pytest.raises(UpstreamClosed):
        await _search(OwnCalls(Stopping(gateway.plane), elsewhere))


async def test_what_a_system_answers_while_the_process_stops_is_its_answer(gateway, calls):
    gateway.upstream.status, gateway.upstream.gate = 502, asyncio.Event()
    waiting = asyncio.create_task(_search(calls))
    await until(lambda: gateway.upstream.received)
    gateway.plane.listens = False
    gateway.upstream.gate.set()
    assert (await waiting).status == 502


async def test_calls_under_way_are_known_until_they_are_over(gateway, calls):
    gateway.upstream.gate = asyncio.Event()
    waiting = asyncio.create_task(_search(calls))
    await until(lambda: gateway.upstream.received)
    (under_way,) = gateway.plane.own_calls
    assert not under_way.over.is_set()
    gateway.upstream.gate.set()
    await waiting
    assert gateway.plane.own_calls == set()
