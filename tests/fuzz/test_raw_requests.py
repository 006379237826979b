"""Bytes that are nearly a request, sent to a running server as they are: no 5xx, no hang, no secret in the log."""

import re
import select
import socket

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.secrets import CANARY, leaks, secrets_of
from tests.support.stand import Stand

_SECONDS = 10.0
_MOMENT = 0.1
_HOST = b"host: 127.0.0.1\r\n"
_BEARER = b"authorization: Bearer " + CANARY.encode() + b"\r\n"
_JSON = b"content-type: application/json\r\n"
_PIECES = [
    b"\r\n", b"\r\n\r\n", b"\n", b"\r", b"\x00", b" ", b"\t", b":", b",", b"%", b"%2e%2e/", b"%00", b"/", b"//", b"..",
    b"?", b"#", b"=", b"&", b"{", b"}", b"[" * 500, b'"', b"\\", b"-1", b"999999999999999999999", b"chunked", b"gzip",
    b"0\r\n\r\n", b"transfer-encoding: chunked\r\n", b"content-length: 5\r\n", b"content-length: 0\r\n",
    b"expect: 100-continue\r\n", b"connection: close\r\n", b"connection: upgrade\r\nupgrade: websocket\r\n",
    b"host: x\r\n", b"x: " + b"y" * 9000 + b"\r\n", b"\xff", b"\xed\xa0\x80", b"\\ud800", b"HTTP/1.0", b"HTTP/1.1",
    b"GET ", b"/api/", b"/v1/", b"NaN", b"1e999",
]  # fmt: skip


def _request(start: bytes, *fields: bytes, body: bytes = b"") -> bytes:
    length = b"content-length: %d\r\n" % len(body) if body else b""
    return start + b" HTTP/1.1\r\n" + _HOST + b"".join(fields) + length + b"\r\n" + body


_SEEDS = [
    _request(b"GET /api/cmdb/prod/get_biz_internal_module?bk_biz_id=2&access_token=" + CANARY.encode()),
    _request(b"POST /api/cmdb/prod/search_business", _BEARER, _JSON, body=b'{"page": {"limit": 1}}'),
    _request(
        b"POST /api/c/compapi/v2/cc/search_business/",
        _JSON,
        body=b'{"bk_app_code": "caller", "bk_app_secret": "' + CANARY.encode() + b'"}',
    ),
    _request(b"POST /api/c/compapi/cc/search_business/", body=b"bk_app_code=caller&bk_token=" + CANARY.encode()),
    _request(
        b"POST /oauth/token",
        b"content-type: application/x-www-form-urlencoded\r\n",
        body=b"grant_type=client_credentials&client_id=caller&client_secret=" + CANARY.encode(),
    ),
    _request(b"POST /v1/session", _JSON, body=b'{"username": "admin", "password": "' + CANARY.encode() + b'"}'),
    _request(b"GET /v1/systems?limit=5", _BEARER),
    _request(b"POST /v1/apps", _BEARER, _JSON, body=b'{"app_code": "x1", "name": "X", "description": ""}'),
    _request(b"POST /systems/cmdb/search_business", _JSON, body=b"{}"),
    _request(b"GET /.well-known/oauth-authorization-server"),
    _request(b"GET /"),
]


@st.composite
def _nearly_requests(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(_SEEDS)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.sampled_from([0, 0, 1, 2, 20]))] = draw(st.sampled_from(_PIECES) | st.binary(max_size=6))
    if draw(st.booleans()):
        data += draw(st.sampled_from(_SEEDS))
    return bytes(data)


def _ask(stand: Stand, pieces: list[bytes]) -> bytes:
    """What comes until the server closes; it is told that nothing more follows once it says nothing for a moment."""
    host, port = stand.url.removeprefix("http://").split(":")
    answered = b""
    with socket.create_connection((host, int(port)), timeout=_SECONDS) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
            if not select.select([connection], [], [], _MOMENT)[0]:
                connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65536):
                answered += piece
                if not select.select([connection], [], [], _MOMENT)[0]:
                    connection.shutdown(socket.SHUT_WR)
        except TimeoutError:
            raise
        except OSError:
            pass  # it was closed under our hands
    return answered


def test_whatever_bytes_come_the_server_answers_in_time_without_fault_and_tells_no_secret(stand: Stand) -> None:
    @settings(max_examples=400, deadline=None, database=None)
    @given(_nearly_requests(), st.integers(0, 300))
    def ask(data: bytes, cut: int) -> None:
        answered = _ask(stand, [data[:cut], data[cut:]] if cut < len(data) else [data])
        statuses = re.findall(rb"HTTP/1\.1 (\d{3}) ", answered)
        assert all(status < b"500" for status in statuses), answered[:1000]
        assert CANARY.encode() not in answered

    ask()
    assert leaks(stand, secrets_of(stand)) == []
    assert stand.api.get("/systems")["items"]
