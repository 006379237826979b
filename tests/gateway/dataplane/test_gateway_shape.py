import asyncio
import time
from contextlib import suppress

import pytest

from kernel.signing.http_message_signature import RequestMessage
from kernel.signing.request_signature import message_from_asgi, verify_request
from kernel.transport.addresses import AddressPolicy
from tests.gateway.dataplane.conftest import HMAC_KEY, component, token
from tests.support.listening import listening
from tests.support.patience import patience, until

SEARCH = "/api/cmdb/prod/search"


def verified(received):
    message: RequestMessage = message_from_asgi(received.scope)
    return verify_request(
        message, received.body, keys={"cmdb": HMAC_KEY}, now=time.time(), nonce_seen=lambda _nonce, _expires: False
    )


async def test_a_secured_call_is_signed_and_its_bytes_pass_both_ways(gateway):
    answer = await gateway.call(SEARCH, content=b'{"a": 1}', headers={"content-type": "application/json", "x-a": "b"})
    assert (answer.status_code, answer.content) == (200, gateway.upstream.pieces[0])
    (received,) = gateway.upstream.received
    assert (received.method, received.target, received.body) == ("POST", "/systems/cmdb/search", b'{"a": 1}')
    assert received.header("content-type") == "application/json"
    assert received.header("x-a") == "b"
    assert received.header("x-trunkline-app") == "shop"
    assert received.header("authorization") is None
    assert verified(received).covered >= {"@method", "@target-uri", "content-digest", "x-trunkline-app", "x-request-id"}
    assert received.header("x-request-id") == answer.headers["x-request-id"]
    assert len(answer.headers["x-request-id"]) == 32
    assert len(answer.headers["x-bkapi-request-id"]) == 36
    assert "x-bkapi-error-code" not in answer.headers


async def test_parameters_query_and_aliases_go_on(gateway):
    answer = await gateway.call("/api/cc/prod/hosts/a%2Db%3a/?x=%2F&bk_app_secret=s&%62k_token=t&y", "GET")
    assert answer.status_code == 200
    assert gateway.upstream.received[0].target == "/systems/cmdb/hosts/a-b%3A?x=%2F&y"
    assert verified(gateway.upstream.received[0])


async def test_the_idempotency_key_and_the_person_are_passed_and_signed(gateway):
    bearer = token(act={"sub": "王小明"}, project_id="p1")
    await gateway.call(SEARCH, bearer=bearer, headers={"idempotency-key": "run:1"}, content=b"{}")
    (received,) = gateway.upstream.received
    assert received.header("idempotency-key") == "run:1"
    assert received.header("x-trunkline-user") == "%E7%8E%8B%E5%B0%8F%E6%98%8E"
    assert received.header("x-trunkline-project") == "p1"
    assert verified(received).covered >= {"idempotency-key", "x-trunkline-user", "x-trunkline-project"}


@pytest.mark.parametrize(
    "header",
    [
        "Cookie", "X-Trunkline-App", "X-Trunkline-User", "x_trunkline_user", "X_Trunkline-Project", "X-Bkapi-App",
        "X_Bkapi_Jwt", "X-Bk-Username", "x_bk_app_code", "Bk-Username", "Bk_Username", "X-Forwarded-Host",
        "X-Forwarded-User", "x_forwarded_for", "Forwarded", "X-Real-IP", "Signature", "Signature-Input",
        "Content-Digest", "Proxy-Authorization", "X-Remote-User", "Te", "X-Original-URL", "X-HTTP-Method-Override",
        "Remote-User", "Remote_User", "X-Authenticated-User", "X-WebAuth-User",
    ],
)  # fmt: skip
async def test_a_header_that_claims_an_identity_or_belongs_to_one_hop_never_arrives(gateway, header):
    answer = await gateway.call(SEARCH, content=b"{}", headers={header: "forged", "x-other": "kept"})
    assert answer.status_code == 200
    (received,) = gateway.upstream.received
    assert "forged" not in [value for _, value in received.headers]
    assert received.header("x-other") == "kept"
    assert verified(received)


async def test_the_connection_header_strips_what_it_names_but_nothing_of_ours(gateway):
    headers = {
        "connection": "x-hop, x-trunkline-app, content-digest, idempotency-key",
        "x-hop": "1",
        "X_Hop": "2",
        "idempotency-key": "k",
    }
    await gateway.call(SEARCH, content=b"{}", headers=headers)
    (received,) = gateway.upstream.received
    assert {received.header("x-hop"), received.header("x_hop")} == {None}
    assert received.header("idempotency-key") == "k"
    assert verified(received).covered >= {"x-trunkline-app", "content-digest", "idempotency-key"}


async def test_a_body_that_no_step_needs_streams_both_ways_without_bound(gateway):
    gateway.system(component("search"), signing={"profile": "none"})
    gateway.upstream.pieces = [b"x" * 100_000] * 30

    async def pieces():
        for _ in range(40):
            yield b"y" * 50_000

    answer = await gateway.call(SEARCH, content=pieces())
    assert (answer.status_code, len(answer.content)) == (200, 3_000_000)
    assert gateway.upstream.received[0].body == b"y" * 2_000_000


async def test_the_answers_first_piece_is_there_before_the_last(gateway):
    gateway.upstream.gate = asyncio.Event()
    headers = {"authorization": f"Bearer {token()}"}
    async with gateway.http.stream("POST", SEARCH, headers=headers) as answer:
        pieces = answer.aiter_raw()
        assert await anext(pieces) == gateway.upstream.pieces[0]
        gateway.upstream.gate.set()
        assert [piece async for piece in pieces] == []


async def test_an_upstream_is_let_go_when_the_client_goes(gateway):
    gateway.upstream.gate = asyncio.Event()
    headers = {"authorization": f"Bearer {token()}"}
    async with gateway.http.stream("POST", SEARCH, headers=headers) as answer:
        await anext(answer.aiter_raw())
    async with patience():
        await gateway.upstream.ended.wait()


async def test_status_and_headers_of_the_upstream_pass_and_hop_by_hop_ones_do_not(gateway):
    gateway.upstream.status = 404
    gateway.upstream.headers = [
        (b"x-one", b"1"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"keep-alive", b"5"),
        (b"x-request-id", b"theirs"), (b"x-bkapi-error-code", b"1"),
    ]  # fmt: skip
    answer = await gateway.call(SEARCH)
    assert answer.status_code == 404
    assert answer.headers["x-one"] == "1"
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert answer.headers["x-request-id"] != "theirs"
    assert "keep-alive" not in answer.headers
    assert "x-bkapi-error-code" not in answer.headers


@pytest.mark.parametrize("status", [204, 304])
async def test_an_answer_without_body_passes(gateway, status):
    gateway.upstream.status = status
    gateway.upstream.pieces = []
    answer = await gateway.call(SEARCH)
    assert (answer.status_code, answer.content) == (status, b"")


async def test_the_clients_request_id_is_kept_when_it_is_harmless(gateway):
    given = "0123456789abcdef0123456789abcdef"
    assert (await gateway.call(SEARCH, headers={"x-request-id": given})).headers["x-request-id"] == given
    assert (await gateway.call(SEARCH, headers={"x-request-id": "a b"})).headers["x-request-id"] != "a b"


async def test_counters_tell_what_happened(gateway):
    await gateway.call(SEARCH, bearer=token(act={"sub": "alice"}))
    await gateway.http.post(SEARCH)
    (counts,) = gateway.plane.snapshot_of_counters()
    assert (counts.system, counts.stage, counts.component) == ("cmdb", "prod", "search")
    assert (counts.statuses, counts.refused) == ({200: 1, 401: 1}, {1640100: 1})


async def test_a_call_keeps_the_snapshot_it_began_with_and_the_next_has_the_new_one(gateway):
    assert (await gateway.call(SEARCH)).status_code == 200
    gateway.system(component("other"))
    assert (await gateway.call(SEARCH)).status_code == 404
    assert (await gateway.call("/api/cmdb/prod/other")).status_code == 200


async def test_a_client_that_does_not_read_holds_the_upstream_back(gateway):
    produced = 0

    def endless():
        nonlocal produced
        while produced < 5000:
            produced += 1
            yield b"x" * 65536

    gateway.upstream.pieces = endless()
    reader, writer = await asyncio.open_connection("127.0.0.1", int(gateway.url.rsplit(":", 1)[1]), limit=1024)
    writer.write(f"POST {SEARCH} HTTP/1.1\r\nhost: h\r\nauthorization: Bearer {token()}\r\n\r\n".encode())
    assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
    await asyncio.sleep(0.5)
    held = produced
    assert held < 1000
    for _ in range(1000):
        await reader.read(65536)
    await asyncio.sleep(0.1)
    assert produced > held
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    await until(lambda: gateway.plane.snapshot_of_counters()[0].statuses)


async def test_an_upload_is_held_back_by_an_upstream_that_does_not_read(gateway):
    release = asyncio.Event()

    async def deaf(reader, writer):
        await release.wait()

    async with listening(deaf, limit=1024) as port:
        await _upload(gateway, f"http://127.0.0.1:{port}", release)


async def _upload(gateway, url, release):
    gateway.plane._client._policy = AddressPolicy.allowing([url])
    gateway.system(component("search"), upstream={"base_url": url}, signing={"profile": "none"})
    sent = 0

    async def pieces():
        nonlocal sent
        while sent < 5000:
            sent += 1
            yield b"x" * 65536

    call = asyncio.create_task(gateway.call(SEARCH, content=pieces()))
    await asyncio.sleep(0.5)
    assert sent < 1000
    release.set()
    assert (await call).status_code == 502


@pytest.mark.parametrize("body", [b'{"title": "\\ud800"}', b'{"\\udfff": 1}', b'{"title": ["\\ud800"]}'])
async def test_half_of_a_surrogate_pair_is_the_callers_fault_where_a_schema_is_checked(gateway, body):
    schema = {
        "type": "object",
        "properties": {"title": {"type": "string", "pattern": "^[^\\n]*$"}},
        "propertyNames": {"pattern": "^[a-z]+$"},
    }
    gateway.system(component("search", body_schema=schema))
    answer = await gateway.call(SEARCH, content=body)
    assert (answer.status_code, answer.headers["x-bkapi-error-code"]) == (400, "1640001")
    assert gateway.upstream.received == []


@pytest.mark.parametrize("body", [b'{"size": 1, "size": 10}', b'{"size": 1, "more": [{"a": 1, "\\u0061": 2}]}'])
async def test_a_checked_body_says_the_same_to_who_takes_the_first_of_a_name_and_who_takes_the_last(gateway, body):
    schema = {"type": "object", "properties": {"size": {"type": "integer"}}}
    gateway.system(component("search", body_schema=schema))
    assert (await gateway.call(SEARCH, content=body)).status_code == 400
    assert gateway.upstream.received == []
