"""Whatever is asked without a credential gets a documented refusal: no fault of ours, no way to the upstream."""

import asyncio
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.dataplane.app import DataPlane
from gateway.dataplane.exchange import Exchange
from gateway.snapshot.model.snapshot import Snapshot, SnapshotHolder, compile_shard
from kernel.transport.client import TransportClient

COMPONENTS = [
    {"name": "search", "method": "POST", "path": "/search", "body_schema": {"type": "object"}},
    {"name": "host", "method": "GET", "path": "/hosts/{id}"},
    {"name": "file", "method": "ANY", "path": "/files", "match_subpath": True},
]
STAGE = {"release": "1.0.0", "upstream": {"base_url": "http://upstream.invalid"}, "components": COMPONENTS}
SYSTEM = {"kind": "system", "name": "cmdb", "aliases": ["cc"], "stages": {"prod": STAGE, "test": STAGE}}
APP = {"kind": "app", "app_code": "shop", "grants": [{"system": "cmdb", "component": None}]}
SNAPSHOT = Snapshot().with_shards(1, [compile_shard(document, str.encode) for document in (SYSTEM, APP)])

piece = st.sampled_from(
    [
        "api",
        "c",
        "compapi",
        "v2",
        "cmdb",
        "cc",
        "prod",
        "search",
        "hosts",
        "files",
        "..",
        ".",
        "",
        "%2e",
        "%2F",
        "%zz",
        "{id}",
    ]
) | st.text(max_size=6)
paths = st.lists(piece, max_size=7).map(lambda parts: ("/api/" + "/".join(parts)).encode("utf-8", "replace"))
names = st.sampled_from(
    [
        b"authorization", b"x-bkapi-authorization", b"x-bkapi-jwt", b"x-request-id", b"idempotency-key", b"connection",
        b"content-length", b"transfer-encoding", b"content-type", b"x-use-test-env", b"x_bkapi_jwt", b"x-other",
    ]
)  # fmt: skip
values = st.sampled_from(
    [b"", b"Bearer x", b"Bearer a.b.c", b"{}", b"[]", b"true", b"5", b"-1", b"chunked", b"{", b"x, y"]
)
bodies = st.sampled_from([b"", b"{", b"[1]", b'{"id": 1}', b'{"bk_app_code": "shop", "bk_app_secret": "x"}', b"a=b&c"])


class RecordingLine:
    default_lines = b""

    def __init__(self) -> None:
        self.written = b""
        self.is_malformed = False

    def refuse_malformed(self) -> None:
        self.is_malformed = True

    def answer(self, data: bytes, *, keep_alive: bool) -> None:
        self.written += data


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(["GET", "POST", "PUT", "HEAD", "BREW"]),
    paths,
    st.binary(max_size=20) | st.just(b"bk_app_code=shop&bk_app_secret=x"),
    st.lists(st.tuples(names, values | st.binary(max_size=12)), max_size=5),
    bodies | st.binary(max_size=30),
)
def test_every_request_without_a_credential_is_refused_in_words(method, path, query, headers, body):
    line = RecordingLine()

    async def ask():
        plane = DataPlane(SnapshotHolder(SNAPSHOT), TransportClient(), public_url="https://gw.example")
        exchange = Exchange(line, method, path, query, [(b"Host", b"h"), *headers], "192.0.2.1", keep_alive=True)
        exchange.add(body)
        exchange.complete()
        plane.serve(exchange)
        assert exchange.response_complete
        await plane.aclose()

    asyncio.run(ask())
    if line.is_malformed:
        assert any(name == b"transfer-encoding" and value.strip() != b"chunked" for name, value in headers)
        return
    head, _, sent = line.written.partition(b"\r\n\r\n")
    status, *lines = head.split(b"\r\n")
    answered = dict(field.split(b": ", 1) for field in lines)
    if method == "HEAD":
        assert (sent, int(answered[b"content-length"]) > 0) == (b"", True)
        return
    assert int(answered[b"content-length"]) == len(sent)
    answer = json.loads(sent)
    assert answer["result"] is False
    assert answer["message"]
    if path.startswith(b"/api/c/"):
        assert status[9:12] in (b"200", b"404")
        assert answer.get("code") != 1306201
    else:
        assert status[9:12] in (b"400", b"401", b"404", b"413", b"414")
        assert answered[b"x-bkapi-error-code"] == str(answer["code"]).encode()
    assert b"\r" not in head.replace(b"\r\n", b"")
