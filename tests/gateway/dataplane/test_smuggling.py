"""What two servers could frame differently is refused, and nothing behind it on its connection is answered."""

import asyncio
import re
from contextlib import suppress

import pytest

from kernel.transport.addresses import AddressPolicy
from tests.gateway.dataplane.conftest import Gateway, component, token
from tests.support.listening import listening
from tests.support.patience import PATIENCE_SECONDS, patience

LINE = b"POST /api/cmdb/prod/search HTTP/1.1\r\n"
HOST = b"host: gw.example\r\n"
CHUNKED = b"transfer-encoding: chunked\r\n"

FRAMING = {
    "length and chunks": b"content-length: 3\r\n" + CHUNKED + b"\r\n0\r\n\r\n",
    "chunks and length": CHUNKED + b"content-length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": b"content-length: 3\r\ncontent-length: 4\r\n\r\nabcd",
    "one length twice": b"content-length: 3\r\ncontent-length: 3\r\n\r\nabc",
    "a list of lengths": b"content-length: 3, 3\r\n\r\nabc",
    "a length with a sign": b"content-length: +3\r\n\r\nabc",
    "a negative length": b"content-length: -1\r\n\r\n",
    "a length in hexadecimal": b"content-length: 0x3\r\n\r\nabc",
    "a length with a point": b"content-length: 3.0\r\n\r\nabc",
    "a length with an underscore": b"content-length: 1_0\r\n\r\nabcdefghij",
    "a length with a gap": b"content-length: 1 0\r\n\r\nabcdefghij",
    "an empty length": b"content-length:\r\n\r\n",
    "a length beyond 64 bits": b"content-length: 18446744073709551619\r\n\r\nabc",
    "a length in other digits": "content-length: \uff13\r\n\r\nabc".encode(),
    "another coding": b"transfer-encoding: gzip\r\n\r\n",
    "another coding before": b"transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "another coding after": b"transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "identity": b"transfer-encoding: identity\r\ncontent-length: 3\r\n\r\nabc",
    "chunked twice": b"transfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "chunked in two fields": CHUNKED + CHUNKED + b"\r\n0\r\n\r\n",
    "two codings in two fields": CHUNKED + b"transfer-encoding: identity\r\n\r\n0\r\n\r\n",
    "nearly chunked": b"transfer-encoding: xchunked\r\ncontent-length: 3\r\n\r\nabc",
    "chunked with a parameter": b"transfer-encoding: chunked;a=b\r\n\r\n0\r\n\r\n",
    "chunked in quotes": b'transfer-encoding: "chunked"\r\n\r\n0\r\n\r\n',
    "an empty coding": b"transfer-encoding:\r\ncontent-length: 3\r\n\r\nabc",
    "a vertical tab before chunked": b"transfer-encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "a NUL after chunked": b"transfer-encoding: chunked\x00\r\n\r\n0\r\n\r\n",
}

CHUNKS = {
    "a size in 0x": b"0x3\r\nabc\r\n0\r\n\r\n",
    "a size with a sign": b"+3\r\nabc\r\n0\r\n\r\n",
    "a negative size": b"-3\r\nabc\r\n0\r\n\r\n",
    "a size with a leading space": b" 3\r\nabc\r\n0\r\n\r\n",
    "a size with an underscore": b"0_3\r\nabc\r\n0\r\n\r\n",
    "no size": b"\r\nabc\r\n0\r\n\r\n",
    "only an extension": b";a=b\r\nabc\r\n0\r\n\r\n",
    "a size that is none": b"zz\r\nabc\r\n0\r\n\r\n",
    "a size beyond 64 bits": b"10000000000000003\r\nabc\r\n0\r\n\r\n",
    "a bare LF after the size": b"3\nabc\r\n0\r\n\r\n",
    "a bare CR after the size": b"3\rabc\r\n0\r\n\r\n",
    "a bare LF after the data": b"3\r\nabc\n0\r\n\r\n",
    "nothing after the data": b"3\r\nabc0\r\n\r\n",
    "more data than the size": b"3\r\nabcd\r\n0\r\n\r\n",
    "a bare LF in an extension": b"3;a\nb\r\nabc\r\n0\r\n\r\n",
    "a bare CR in an extension": b"3;a\rb\r\nabc\r\n0\r\n\r\n",
    "a NUL in an extension": b"3;a=\x00\r\nabc\r\n0\r\n\r\n",
    "a line end in a quoted extension": b'3;a="\r\nabc\r\n0\r\n\r\n"\r\nabc\r\n0\r\n\r\n',
    "a bare LF after the last size": b"3\r\nabc\r\n0\n\r\n",
    "a bare LF at the end": b"3\r\nabc\r\n0\r\n\n",
    "a folded trailer": b"3\r\nabc\r\n0\r\na: b\r\n c\r\n\r\n",
    "a trailer without a colon": b"3\r\nabc\r\n0\r\nabc\r\n\r\n",
}

FIELDS = {
    "a folded line": b"x: a\r\n b\r\n",
    "a folded line by a tab": b"x: a\r\n\tb\r\n",
    "a space before the colon": b"x : a\r\n",
    "a tab before the colon": b"x\t: a\r\n",
    "a space before the colon of the coding": b"transfer-encoding : chunked\r\n",
    "a line without a colon": b"x\r\n",
    "an empty name": b": a\r\n",
    "a name with a bracket": b"x(y: a\r\n",
    "a name with a slash": b"x/y: a\r\n",
    "a name with a NUL": b"x\x00y: a\r\n",
    "a name beyond ASCII": b"x\xffy: a\r\n",
    "a value with a NUL": b"x: a\x00b\r\n",
    "a value with a control": b"x: a\x01b\r\n",
    "a value with DEL": b"x: a\x7fb\r\n",
    "a bare CR": b"x: a\rb\r\n",
    "a bare CR that hides a field": b"x: a\rtransfer-encoding: chunked\r\n",
    "a bare LF": b"x: a\ny: b\r\n",
    "a bare LF that hides the coding": b"x: a\ntransfer-encoding: chunked\r\n",
}

STARTS = {
    "a bare LF": b"POST /api/cmdb/prod/search HTTP/1.1\n" + HOST,
    "two hosts": LINE + HOST + b"host: other.example\r\n",
    "one host twice": LINE + HOST + HOST,
    "no host": LINE,
    "an empty host": LINE + b"host:\r\n",
    "a list of hosts": LINE + b"host: a, b\r\n",
    "a host with a user": LINE + b"host: a@b\r\n",
    "a host with a path": LINE + b"host: a/b\r\n",
    "a host with a gap": LINE + b"host: a b\r\n",
    "a host with a port that is none": LINE + b"host: a:b\r\n",
    "an absolute target": b"POST http://gw.example/api/cmdb/prod/search HTTP/1.1\r\n" + HOST,
    "an absolute target elsewhere": b"POST http://evil.example/api/cmdb/prod/search HTTP/1.1\r\n" + HOST,
    "a target that begins with two slashes": b"POST //evil.example/api/cmdb/prod/search HTTP/1.1\r\n" + HOST,
    "a tunnel": b"CONNECT evil.example:443 HTTP/1.1\r\n" + HOST,
    "a target beyond ASCII": b"POST /api/cmdb/prod/search\xff HTTP/1.1\r\n" + HOST,
    "a target with a NUL": b"POST /api/cmdb/prod/search\x00 HTTP/1.1\r\n" + HOST,
    "a target with a tab": b"POST /api/cmdb/prod/search\tx HTTP/1.1\r\n" + HOST,
    "a target with a gap": b"POST /api/cmdb/prod/search x HTTP/1.1\r\n" + HOST,
    "a tab between": b"POST\t/api/cmdb/prod/search HTTP/1.1\r\n" + HOST,
    "no version": b"POST /api/cmdb/prod/search\r\n" + HOST,
    "an unknown version": b"POST /api/cmdb/prod/search HTTP/1.2\r\n" + HOST,
    "a version with more digits": b"POST /api/cmdb/prod/search HTTP/1.10\r\n" + HOST,
    "another version": b"POST /api/cmdb/prod/search HTTP/2.0\r\n" + HOST,
    "no HTTP": b"POST /api/cmdb/prod/search ICE/1.0\r\n" + HOST,
    "a method in small letters": b"post /api/cmdb/prod/search HTTP/1.1\r\n" + HOST,
    "a method nobody knows": b"SMUGGLE /api/cmdb/prod/search HTTP/1.1\r\n" + HOST,
    "a space before the first field": LINE + b" x: a\r\n" + HOST,
    "chunks in HTTP/1.0": b"POST /api/cmdb/prod/search HTTP/1.0\r\n" + HOST + CHUNKED,
}


def _authorised() -> bytes:
    return b"authorization: Bearer " + token().encode() + b"\r\n"


GROUPS = {
    "framing": {name: (LINE + HOST, rest) for name, rest in FRAMING.items()},
    "chunks": {name: (LINE + HOST + CHUNKED, b"\r\n" + rest) for name, rest in CHUNKS.items()},
    "fields": {name: (LINE + HOST, rest + b"content-length: 0\r\n\r\n") for name, rest in FIELDS.items()},
    "starts": {name: (start, b"content-length: 0\r\n\r\n") for name, start in STARTS.items()},
}
BEHIND = b"GET /api/cmdb/prod/smuggled HTTP/1.1\r\n" + HOST


async def all_that_comes(gateway: Gateway, *pieces: bytes) -> bytes:
    """What is answered until the connection is closed from the other side; each piece is a packet of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(gateway.url.rsplit(":", 1)[1]))
    answered = bytearray()

    async def read() -> None:
        with suppress(ConnectionResetError):
            while piece := await reader.read(65536):
                answered.extend(piece)

    reading = asyncio.create_task(read())
    for piece in pieces:
        if not answered:
            writer.write(piece)
            await asyncio.sleep(0)
    await asyncio.wait([reading], timeout=PATIENCE_SECONDS)
    assert reading.done(), f"the connection stays open after {bytes(answered)!r}"
    await _closed(writer)
    return bytes(answered)


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


def statuses(answered: bytes) -> list[bytes]:
    return re.findall(rb"HTTP/1\.1 (\d+)", answered)


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("reads_body", [True, False], ids=["read first", "streamed"])
async def test_what_two_servers_could_frame_differently_is_refused_and_nothing_behind_it_is_answered(
    gateway, group, reads_body
):
    signing = {} if reads_body else {"signing": {"profile": "none"}}
    gateway.system(component("search"), component("smuggled", "GET"), **signing)
    wrong = {}
    for name, (start, rest) in GROUPS[group].items():
        sent = start + _authorised() + rest + BEHIND + _authorised() + b"\r\n"
        for pieces in ([sent], [sent[:-30], sent[-30:]], [sent[at : at + 11] for at in range(0, len(sent), 11)]):
            answered = await all_that_comes(gateway, *pieces)
            if statuses(answered) != [b"400"] or b"connection: close" not in answered.lower():
                wrong[name] = answered
    assert wrong == {}
    assert [received.target for received in gateway.upstream.received] == []


async def test_what_is_framed_well_is_answered_with_what_is_behind_it(gateway):
    """Beside the refusals above: the same road is open to requests that only look odd."""
    gateway.system(component("search"), component("smuggled", "GET"))
    for odd in (
        b'Transfer-Encoding: chunKed\r\n\r\n03;a=b;c="d;e"\r\nabc\r\n000\r\n\r\n',
        b"transfer-encoding:chunked\r\n\r\n0\r\n\r\n",
        b"content-length: 003\r\n\r\nabc",
        b"x:\r\ncontent-length: 0\r\n\r\n",
        b"x: \xff\r\ncontent-length: 0\r\n\r\n",
    ):
        ending = BEHIND + b"connection: close\r\n" + _authorised() + b"\r\n"
        answered = await all_that_comes(gateway, b"\r\n" + LINE + HOST + _authorised() + odd + ending)
        assert statuses(answered) == [b"200", b"200"], odd


async def test_nothing_is_answered_behind_a_request_that_closes(gateway):
    first = LINE + HOST + _authorised() + b"connection: close\r\ncontent-length: 0\r\n\r\n"
    answered = await all_that_comes(gateway, first + LINE + HOST + _authorised() + b"content-length: 0\r\n\r\n")
    assert statuses(answered) == [b"200"]
    assert len(gateway.upstream.received) == 1


OFFERS = {
    "HTTP/2": b"connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n",
    "a WebSocket": b"connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: eA==\r\n",
}


@pytest.mark.parametrize("offer", OFFERS.values(), ids=OFFERS)
@pytest.mark.parametrize("target", [b"/api/cmdb/prod/search", b"/elsewhere"])
async def test_an_offer_to_switch_that_nobody_takes_up_is_passed_over_and_nothing_behind_it_is_answered(
    gateway, target, offer
):
    start = b"POST " + target + b" HTTP/1.1\r\n" + HOST + offer + _authorised() + b"content-length: 3\r\n\r\nabc"
    answered = await all_that_comes(gateway, start + BEHIND + _authorised() + b"\r\n")
    assert len(statuses(answered)) == 1
    assert b"101" not in statuses(answered)
    assert all(received.header("upgrade") is None for received in gateway.upstream.received)


async def test_a_refusal_is_never_read_as_the_answer_to_the_request_before(gateway):
    """The first request is with the upstream when rubbish follows: the connection ends without a word."""
    asked, release = asyncio.Event(), asyncio.Event()

    async def silent(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        asked.set()
        await release.wait()

    async with listening(silent) as port:
        url = f"http://127.0.0.1:{port}"
        gateway.plane._client._policy = AddressPolicy.allowing([url])
        gateway.system(component("search"), upstream={"base_url": url})
        await _rubbish_behind_a_request(gateway, asked)
        release.set()


async def _rubbish_behind_a_request(gateway: Gateway, asked: asyncio.Event) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(gateway.url.rsplit(":", 1)[1]))
    writer.write(LINE + HOST + _authorised() + b"content-length: 0\r\n\r\n")
    async with patience():
        await asked.wait()
        writer.write(b"rubbish\r\n\r\n")
        with suppress(ConnectionResetError):
            assert await reader.read() == b""
    await _closed(writer)
