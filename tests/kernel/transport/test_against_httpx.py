"""Our client and httpx read the same bytes, headers and errors from the same hostile upstream.

Where the two differ on purpose ours is the stricter one: `STRICTER` is the whole list, each with its reason.
`_PASSED_OVER` is what it is not strict about, since nothing is read from it; and white space at the end of a value
passes on as it came.
"""

import asyncio
import re
from dataclasses import dataclass, field

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from kernel.transport.errors import ProtocolViolation, ReadTimeout, UpstreamClosed
from kernel.transport.limits import Timeouts
from tests.kernel.transport.hostile_answers import OK, Answer, Headers, answers, upstream_answering

ENDED, MALFORMED, SILENT = "ended early", "malformed", "silent"
_PATIENCE = 5.0


@dataclass
class Reading:
    """What a client made of an answer, up to its error if there was one."""

    status: int = 0
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    error: str = ""
    trailers: Headers = field(default_factory=list, compare=False)


_PASSED_OVER = re.compile(
    rb"""(?:^|\r\n\r\n)[\r\n]+HTTP/     # empty lines before a status line
    | HTTP/1\.[01][ ]\d{3}[ ][^\r\n]*[\x00-\x08\x0b-\x1f\x7f]  # control signs in a reason, which nobody is told""",
    re.VERBOSE,
)


def _as_h11_tells(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    """httpx's parser tells a transfer coding in small letters, and no white space behind a value."""
    return name, (value.lower() if name.lower() == b"transfer-encoding" else value).rstrip(b" \t")


async def ours(url: str, method: str) -> Reading:
    client, reading = TransportClient(AddressPolicy.allowing([url])), Reading()
    try:
        response = await client.request(method, url, timeouts=Timeouts(read=_PATIENCE))
        reading.status, reading.headers = response.status, [_as_h11_tells(*pair) for pair in response.headers]
        while (piece := await response.next_piece()) is not None:
            reading.body += piece
        reading.trailers = response.trailers
    except UpstreamClosed:
        reading.error = ENDED
    except ProtocolViolation:
        reading.error = MALFORMED
    except ReadTimeout:
        reading.error = SILENT
    finally:
        await client.aclose()
    return reading


async def httpxs(url: str, method: str) -> Reading:
    reading = Reading()
    async with httpx.AsyncClient(trust_env=False, timeout=_PATIENCE) as client:
        try:
            async with client.stream(method, url, headers={"content-length": "0"}) as response:
                reading.status, reading.headers = response.status_code, list(response.headers.raw)
                async for piece in response.aiter_raw():
                    reading.body += piece
        except httpx.ReadError:
            reading.error = ENDED
        except httpx.ReadTimeout:
            reading.error = SILENT
        except httpx.RemoteProtocolError as error:
            said = str(error)
            reading.error = ENDED if "closed" in said or "disconnected" in said else MALFORMED
    return reading


async def ask_both(answer: Answer, method: str = "GET") -> tuple[Reading, Reading]:
    async with upstream_answering(answer) as url:
        return await ours(url, method), await httpxs(url, method)


WITH_LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello"
IN_CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nX-T: v\r\n\r\n"
AFTER_HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.mark.parametrize("data", [WITH_LENGTH, IN_CHUNKS, AFTER_HINTS], ids=["length", "chunks", "after 103"])
async def test_an_answer_that_ends_at_any_byte_is_the_same_error_after_the_same_bytes(data):
    for cut in range(len(data)):
        mine, theirs = await ask_both(Answer(data, cut=cut))
        assert mine == theirs, cut
        assert mine.error == ENDED


@pytest.mark.parametrize("data", [WITH_LENGTH, IN_CHUNKS, AFTER_HINTS], ids=["length", "chunks", "after 103"])
async def test_an_answer_that_is_reset_at_any_byte_is_an_error(data):
    for cut in range(len(data)):
        mine, theirs = await ask_both(Answer(data, cut=cut, reset=True))
        assert (mine.error, theirs.error) == (ENDED, ENDED), cut


@pytest.mark.parametrize("data", [WITH_LENGTH, IN_CHUNKS, AFTER_HINTS], ids=["length", "chunks", "after 103"])
async def test_an_answer_is_the_same_wherever_it_is_cut_into_pieces(data):
    (whole, theirs) = await ask_both(Answer(data))
    assert whole == theirs
    assert not whole.error
    for edge in range(1, len(data)):
        assert (await ask_both(Answer(data, [edge]))) == (whole, whole)
    assert (await ask_both(Answer(data, list(range(len(data)))))) == (whole, whole)


@settings(max_examples=150, deadline=None)
@given(answers(), st.sampled_from(["GET", "POST", "HEAD"]))
@example(Answer(OK + OK), "GET")
@example(Answer(b""), "GET")
def test_well_formed_and_broken_off_answers_are_read_the_same(answer: Answer, method: str) -> None:
    mine, theirs = asyncio.run(ask_both(answer, method))
    assert mine == theirs
    if not mine.error and method != "HEAD" and answer.is_whole:
        assert mine.trailers == answer.trailers


def _head(*lines: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\n" + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


def _chunked(body: bytes) -> bytes:
    return _head(b"Transfer-Encoding: chunked") + body


REFUSED_BY_BOTH = {
    "two lengths": _head(b"Content-Length: 2", b"Content-Length: 3") + b"ok",
    "a length that is none": _head(b"Content-Length: x") + b"ok",
    "a negative length": _head(b"Content-Length: -1"),
    "an unknown coding": _head(b"Transfer-Encoding: gzip") + b"ok",
    "two codings": _head(b"Transfer-Encoding: gzip, chunked") + b"0\r\n\r\n",
    "two fields of codings": _head(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked") + b"0\r\n\r\n",
    "a chunk's size that is none": _chunked(b"x\r\nok\r\n0\r\n\r\n"),
    "a chunk's size with a sign": _chunked(b"+2\r\nok\r\n0\r\n\r\n"),
    "more data than a chunk's size": _chunked(b"1\r\nok\r\n0\r\n\r\n"),
    "a space before the colon": _head(b"X : a", b"Content-Length: 0"),
    "a field without a colon": _head(b"X", b"Content-Length: 0"),
    "an empty name": _head(b": a", b"Content-Length: 0"),
    "a NUL": _head(b"X: a\x00b", b"Content-Length: 0"),
    "a bare CR": _head(b"X: a\rb", b"Content-Length: 0"),
    "another protocol": b"SSH-2.0-OpenSSH_9.9\r\n\r\n",
    "another protocol that nobody asked for": (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"
    ),
    "a status that is none": b"HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n",
    "a status of two digits": b"HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
    "white space before the first field": b"HTTP/1.1 200 OK\r\n X: a\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("data", REFUSED_BY_BOTH.values(), ids=REFUSED_BY_BOTH)
async def test_what_is_not_http_is_refused_by_both(data):
    mine, theirs = await ask_both(Answer(data))
    assert (mine.error, theirs.error) == (MALFORMED, MALFORMED)


STRICTER = {
    "a length beside chunks, which is how answers are smuggled (RFC 9112 §6.3)": (
        _head(b"Content-Length: 2", b"Transfer-Encoding: chunked") + b"2\r\nok\r\n0\r\n\r\n"
    ),
    "the same length twice, which others could join or split (RFC 9110 §8.6)": (
        _head(b"Content-Length: 2", b"Content-Length: 2") + b"ok"
    ),
    "a list of the same length, likewise": _head(b"Content-Length: 2, 2") + b"ok",
    "chunks under HTTP/1.0, where they do not exist (RFC 9112 §6.1)": (
        b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    ),
    "a folded line, which must not be sent any more (RFC 9112 §5.2)": _head(b"X: a\r\n b", b"Content-Length: 2")
    + b"ok",
    "lines that end with LF alone (RFC 9112 §2.2)": b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    "control signs in a value (RFC 9110 §5.5)": _head(b"X: a\x01b", b"Content-Length: 2") + b"ok",
    "white space behind a chunk's size (RFC 9112 §7.1)": _chunked(b"2 \r\nok\r\n0\r\n\r\n"),
    "white space in a chunk's extension, which is called bad (RFC 9112 §7.1.1)": _chunked(b"2; a\r\nok\r\n0\r\n\r\n"),
    "another version than 1.0 and 1.1 (RFC 9112 §2.3)": b"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "a status of no known class (RFC 9110 §15)": b"HTTP/1.1 700 What\r\nContent-Length: 2\r\n\r\nok",
}


@pytest.mark.parametrize("data", STRICTER.values(), ids=STRICTER)
async def test_what_only_ours_refuses_is_on_the_list(data):
    mine, theirs = await ask_both(Answer(data))
    assert mine.error == MALFORMED
    assert (theirs.status > 0, theirs.error) == (True, "")


@st.composite
def spoilt(draw: st.DrawFn) -> Answer:
    """A good answer with some bytes changed, left out or put in."""
    data = bytearray(draw(answers()).data[:400])
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        put = draw(
            st.sampled_from([b"\r", b"\n", b"\r\n", b"\x00", b" ", b"\t", b":", b";", b",", b"0", b"f"])
            | st.binary(max_size=2)
        )
        data[at : at + draw(st.integers(0, 2))] = put
    return Answer(bytes(data), draw(st.lists(st.integers(0, 400), max_size=4)))


@settings(max_examples=150, deadline=None)
@given(spoilt())
def test_whatever_is_spoilt_ours_never_reads_what_httpx_does_not(answer: Answer) -> None:
    mine, theirs = asyncio.run(ask_both(answer))
    if not mine.error and not _PASSED_OVER.search(answer.data):
        assert mine == theirs
