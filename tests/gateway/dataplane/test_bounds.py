"""What is too deep, too long or too slow is bounded, and what only looks big passes exactly."""

import asyncio
import base64
import gzip
import json
from contextlib import suppress

import pytest

from gateway.dataplane import server
from gateway.dataplane.answer import AnswerHeaders
from gateway.dataplane.headers import HeaderSorter
from gateway.dataplane.steps.cors import ShareWithOrigins
from gateway.dataplane.strict_head import MalformedHead, check_host
from gateway.policies.kinds.cors import Cors
from kernel.transport.coalescing import Outbox
from kernel.transport.connection import Connection
from kernel.transport.limits import Limits
from kernel.transport.response import Response
from tests.gateway.dataplane.conftest import SECRET, Served, component, token
from tests.support.patience import patience, until

SEARCH = "/api/cmdb/prod/search"
ESB = "/api/c/compapi/v2/cmdb/search/"
DEPTHS = [200, 300, 900, 10_000]
BIG = b'{"id":123456789012345678901234567890,"price":0.10000000000000000001,"exponent":1E400,"text":"\\u0000\\ud800"}'


def _deep(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


@pytest.fixture
def roomy(gateway):
    gateway.plane._road.max_body = 1_000_000
    return gateway


@pytest.mark.parametrize("depth", DEPTHS)
async def test_deep_json_before_a_schema_is_checked_or_refused(roomy, depth):
    roomy.system(component("search", body_schema={"type": "object", "properties": {"a": {"type": "object"}}}))
    answer = await roomy.call(SEARCH, content=_deep(depth))
    assert answer.status_code in (200, 400)
    assert answer.status_code == 400 or roomy.upstream.received[0].body == _deep(depth)
    lists = await roomy.call(SEARCH, content=b'{"a":{"b":' + b"[" * depth + b"]" * depth + b"}}")
    assert lists.status_code in (200, 400)


@pytest.mark.parametrize("depth", DEPTHS)
async def test_deep_json_in_a_credential_is_refused(roomy, depth):
    header = {"x-bkapi-authorization": '{"bk_app_code":' + "[" * depth + "]" * depth + "}"}
    assert (await roomy.http.post(SEARCH, headers=header)).status_code == 400
    part = base64.urlsafe_b64encode(b"[" * depth + b"]" * depth).rstrip(b"=").decode()
    assert (await roomy.call(SEARCH, bearer=f"{part}.{part}.{part}")).status_code == 401
    assert roomy.upstream.received == []


@pytest.mark.parametrize("depth", DEPTHS)
async def test_deep_json_in_esb_parameters_passes_or_is_refused(roomy, depth):
    for member in ("bk_app_code", "filter"):
        body = f'{{"bk_app_secret":"{SECRET}","{member}":'.encode() + _deep(depth) + b"}"
        answer = (await roomy.call(ESB, content=body)).json()
        assert isinstance(answer["result"], bool)
        assert answer["code"] in (0, 1306406, 1306000, 1306401, 1306402)


@pytest.mark.parametrize("depth", DEPTHS)
async def test_a_deep_answer_in_an_envelope_passes_or_is_told_as_the_backends_failure(roomy, depth):
    roomy.upstream.pieces = [_deep(depth)]
    answer = await roomy.call(ESB)
    assert answer.status_code == 200
    assert _deep(depth) in answer.content or answer.json()["code"] == 1306201


async def test_big_numbers_and_odd_bytes_pass_exactly_both_ways(gateway):
    gateway.upstream.pieces = [BIG]
    answer = await gateway.call(SEARCH, content=BIG)
    assert (gateway.upstream.received[0].body, answer.content) == (BIG, BIG)
    every_byte = bytes(range(256))
    gateway.upstream.pieces = [every_byte]
    answer = await gateway.call(SEARCH, content=every_byte)
    assert (gateway.upstream.received[1].body, answer.content) == (every_byte, every_byte)


@pytest.mark.parametrize("digits", [30, 5000])
async def test_big_numbers_pass_exactly_through_the_esbs_shape_and_envelope(roomy, digits):
    number = b"9" * digits
    members = b'{"id": %b, "e": 1E400, "p": 0.10}' % number
    roomy.upstream.pieces = [members]
    answer = await roomy.call(ESB, content=b'{"bk_app_secret": "x", ' + members[1:])
    assert roomy.upstream.received[0].body == members
    assert b'"data": ' + members in answer.content
    roomy.upstream.pieces = [b"[%b]" % number]
    assert b"[%b]" % number in (await roomy.call(ESB)).content


async def test_a_number_too_long_to_be_checked_is_refused(roomy):
    roomy.system(component("search", body_schema={"type": "object", "properties": {"id": {"type": "integer"}}}))
    assert (await roomy.call(SEARCH, content=b'{"id":%b}' % (b"9" * 30))).status_code == 200
    assert (await roomy.call(SEARCH, content=b'{"id":%b}' % (b"9" * 100_000))).status_code == 400
    assert (await roomy.call(SEARCH, content=b'{"id":1e999999999}')).status_code in (200, 400)


async def test_nothing_is_decompressed(roomy):
    """A bomb stays as small as it was sent: it is a body like any other."""
    bomb = gzip.compress(b"0" * 10_000_000)
    roomy.upstream.pieces = [bomb]
    roomy.upstream.headers = [(b"content-encoding", b"gzip"), (b"content-type", b"application/json")]
    async with roomy.http.stream(
        "POST", SEARCH, headers={"authorization": f"Bearer {token()}", "content-encoding": "gzip"}, content=bomb
    ) as answer:
        assert b"".join([piece async for piece in answer.aiter_raw()]) == bomb
    assert roomy.upstream.received[0].body == bomb
    assert (await roomy.call(ESB)).json()["code"] == 1306201
    roomy.system(component("search", body_schema={"type": "object"}))
    packed = gzip.compress(json.dumps({"a": 1}).encode())
    answer = await roomy.call(SEARCH, content=packed, headers={"content-encoding": "gzip"})
    assert answer.status_code == 400


@pytest.fixture
def impatient(monkeypatch, gateway):
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.2)
    monkeypatch.setattr(server, "BODY_SECONDS", 0.2)
    return gateway


async def _drip(gateway, start: bytes, drop: bytes) -> bytes:
    """Sends a drop every moment until the connection is closed; what was answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(gateway.url.rsplit(":", 1)[1]))
    answered = bytearray()

    async def read() -> None:
        with suppress(ConnectionResetError):
            while piece := await reader.read(65536):
                answered.extend(piece)

    reading = asyncio.create_task(read())
    writer.write(start)
    async with patience():
        while not reading.done():
            writer.write(drop)
            await asyncio.sleep(0.02)
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    return bytes(answered)


@pytest.mark.parametrize("start", [b"", b"POST /api/cmdb/prod/search HTTP/1.1\r\n", b"GET /elsewhere HTTP/1.1\r\n"])
async def test_a_head_that_drips_is_ended(impatient, start):
    answered = await _drip(impatient, start, b"x: y\r\n" if start else b"")
    assert answered == b"" or answered.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("framing", [b"content-length: 100\r\n\r\n", b"transfer-encoding: chunked\r\n\r\n"])
@pytest.mark.parametrize("signing", ["http-message-signature", "none"])
async def test_a_body_that_stops_coming_is_ended(impatient, framing, signing):
    impatient.system(component("search"), **({"signing": {"profile": "none"}} if signing == "none" else {}))
    authorised = b"host: h\r\nauthorization: Bearer " + token().encode() + b"\r\n"
    start = b"POST /api/cmdb/prod/search HTTP/1.1\r\n" + authorised + framing
    answered = await _drip(impatient, start, b"")
    assert not answered.startswith(b"HTTP/1.1 2")
    await until(lambda: impatient.plane.snapshot_of_counters()[0].statuses)


async def test_a_body_for_another_door_that_stops_coming_is_ended(impatient):
    async def slow_reader(scope, receive, send):
        while (await receive()).get("more_body"):
            pass

    async with Served(slow_reader) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rsplit(":", 1)[1]))
        writer.write(b"POST /v1/systems HTTP/1.1\r\nhost: h\r\ncontent-length: 100\r\n\r\nabc")
        async with patience():
            assert not (await reader.read()).startswith(b"HTTP/1.1 2")
        writer.close()
        await writer.wait_closed()


def responses():
    """Makes responses of a connection that is none; a compiled road takes nothing that only looks like one."""
    connection = Connection(None, Limits(), asyncio.get_running_loop(), Outbox())

    def response_with(*headers: tuple[bytes, bytes]) -> Response:
        response = Response(connection)
        response.headers = list(headers)
        return response

    return response_with


async def test_names_nobody_uses_fill_no_memory_and_keep_no_others_out():
    sorter, answers, response_with = HeaderSorter(), AnswerHeaders(), responses()
    for n in range(5_000):
        for name in (b"x-%d" % n, b"x-%d" % n + b"y" * 10_000):
            sorter.sort([(b"host", b"h"), (name, b"1")])
            answers.pass_on(response_with((name, b"1")))
    sorter.sort([(b"Host", b"h"), (b"X-Usual", b"1")])
    answers.pass_on(response_with((b"X-Usual", b"1")))
    for known in (sorter._known, answers._known):
        assert b"X-Usual" in known
        assert sum(map(len, known)) < 100_000


def test_a_host_or_an_origin_longer_than_any_is_none():
    with pytest.raises(MalformedHead):
        check_host(1, b"a" * 301)
    sharing = ShareWithOrigins(Cors(allow_origins=("https://*.example.com",)), ("GET",))
    for n in (0, 5_000):
        headers = HeaderSorter().sort([(b"host", b"h"), (b"origin", b"https://" + b"a" * n + b"a.example.com")])
        allowed = dict(sharing.preflight(headers).headers).get(b"access-control-allow-origin")
        assert (allowed is not None) == (n == 0)
    assert len(sharing._decided) == 1
