"""What an upstream gets to believe a call, by the signing profile of its stage."""

import asyncio
import base64
import json
import time
from dataclasses import dataclass
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from kernel.signing.bk_hmac import verify as verify_bk
from kernel.signing.request_signature import message_from_asgi, verify_request
from kernel.transport.addresses import AddressPolicy
from tests.gateway.dataplane.conftest import Served, Upstream, component, private_pem, token

SEARCH = "/api/cmdb/prod/search"
READ = "/api/cmdb/prod/read"


def sign_with(gateway, profile, secret=None, **parameters: str):
    """Sets the stage's signing; its secret is `secret`."""
    signing = {"profile": profile, "parameters": parameters}
    if secret is not None:
        signing["secret"] = f"sealed:{secret}"
    gateway.system(component("search"), component("read", "GET"), signing=signing)


async def test_basic_sends_the_stages_credential_instead_of_the_callers(gateway):
    sign_with(gateway, "basic", "open sesame", username="Aladdin")
    await gateway.call(SEARCH, content=b"{}")
    (received,) = gateway.upstream.received
    sent = [value for name, value in received.headers if name == "authorization"]
    assert sent == ["Basic " + base64.b64encode(b"Aladdin:open sesame").decode()]


async def test_bearer_sends_the_stages_token(gateway):
    sign_with(gateway, "bearer", "mF_9.B5f-4.1JqM")
    await gateway.call(SEARCH, content=b"{}")
    assert gateway.upstream.received[0].header("authorization") == "Bearer mF_9.B5f-4.1JqM"


@pytest.mark.parametrize("name", ["X-Api-Key", "x_api_key", "X-API_KEY"])
async def test_an_api_key_header_is_not_the_clients_to_say(gateway, name):
    sign_with(gateway, "api-key", "the key", location="header", name="X-Api-Key")
    await gateway.call(SEARCH, content=b"{}", headers={name: "mine", "x-other": "stays"})
    (received,) = gateway.upstream.received
    sent = [(name, value) for name, value in received.headers if name.replace("_", "-") == "x-api-key"]
    assert sent == [("x-api-key", "the key")]
    assert received.header("x-other") == "stays"


async def test_an_api_key_in_the_query_replaces_the_clients(gateway):
    sign_with(gateway, "api-key", "a&b=c", location="query", name="key")
    await gateway.call(f"{READ}?a=1&key=mine&k%65y=mine&b=2", "GET")
    query = urlsplit(gateway.upstream.received[0].target).query
    assert parse_qsl(query) == [("a", "1"), ("b", "2"), ("key", "a&b=c")]


@pytest.mark.parametrize(
    ("profile", "secret", "parameters"),
    [
        ("bearer", "two words", {}),
        ("basic", "x", {"username": "a:b"}),
        ("basic", "x", {}),
        ("api-key", "x\r\ny: z", {"location": "header", "name": "x-key"}),
    ],
)
async def test_a_credential_that_cannot_be_sent_is_told_without_it(gateway, profile, secret, parameters):
    sign_with(gateway, profile, secret, **parameters)
    answer = await gateway.call(SEARCH, content=b"{}")
    assert (answer.status_code, answer.headers["x-bkapi-error-code"]) == (500, "1650002")
    assert secret not in answer.text.replace("cannot be sent", "")
    assert gateway.upstream.received == []


class TestBkHmac:
    async def test_a_read_is_signed_over_its_whole_query(self, gateway):
        sign_with(gateway, "bk-hmac", "app secret", app_code="trunkline")
        bearer = token(act={"sub": "ann"})
        await gateway.call(f"{READ}?name=a%20b%26c&n=%E4%B8%AD", "GET", bearer=bearer)
        parts = urlsplit(gateway.upstream.received[0].target)
        params = dict(parse_qsl(parts.query, keep_blank_values=True))
        assert (params["name"], params["n"]) == ("a b&c", "中")
        assert (params["bk_app_code"], params["bk_username"]) == ("trunkline", "ann")
        verify_bk("app secret", "GET", parts.path, params, now=time.time())

    async def test_a_write_is_signed_over_its_body_in_which_the_gateway_says_who_calls(self, gateway):
        sign_with(gateway, "bk-hmac", "app secret", app_code="trunkline")
        sent = b'{"big": 12345678901234567890, "bk_username": "admin", "bk_app_code": "mine", "x": {"bk_token": 1}}'
        await gateway.call(f"{SEARCH}?bk_username=admin", content=sent, headers={"content-type": "text/plain"})
        (received,) = gateway.upstream.received
        assert received.body == b'{"big": 12345678901234567890, "x": {"bk_token": 1}, "bk_app_code": "trunkline"}'
        assert received.header("content-type") == "application/json"
        parts = urlsplit(received.target)
        params = dict(parse_qsl(parts.query))
        assert set(params) == {"bk_nonce", "bk_timestamp", "bk_signature"}
        verify_bk("app secret", "POST", parts.path, params, received.body, now=time.time())

    async def test_a_body_that_is_no_object_cannot_name_the_app(self, gateway):
        sign_with(gateway, "bk-hmac", "app secret", app_code="trunkline")
        answer = await gateway.call(SEARCH, content=b"[1]")
        assert (answer.status_code, answer.headers["x-bkapi-error-code"]) == (400, "1640001")
        await gateway.call(SEARCH)
        assert json.loads(gateway.upstream.received[0].body) == {"bk_app_code": "trunkline"}


class TestBkApp:
    async def test_the_app_and_the_person_stand_in_the_header_and_the_body_passes_as_it_is(self, gateway):
        sign_with(gateway, "bk-app", 'q"uote', app_code="trunkline", username="robot", tenant_id="acme")
        mine = {"x-bkapi-authorization": '{"bk_username": "admin"}', "X_Bk_Tenant_Id": "other"}
        bearer = token(act={"sub": "安"})
        await gateway.call(SEARCH, content=b'{"big": 12345678901234567890}', bearer=bearer, headers=mine)
        await gateway.call(READ, "GET")
        first, second = gateway.upstream.received
        app = {"bk_app_code": "trunkline", "bk_app_secret": 'q"uote'}
        assert json.loads(first.header("x-bkapi-authorization")) == {**app, "bk_username": "安"}
        assert first.body == b'{"big": 12345678901234567890}'
        tenants = [value for name, value in first.headers if name.replace("_", "-") == "x-bk-tenant-id"]
        assert tenants == ["acme"]
        assert json.loads(second.header("x-bkapi-authorization")) == {**app, "bk_username": "robot"}

    async def test_without_a_person_or_a_usual_one_nobody_is_named(self, gateway):
        sign_with(gateway, "bk-app", "s", app_code="trunkline")
        await gateway.call(SEARCH, content=b"{}")
        (received,) = gateway.upstream.received
        assert json.loads(received.header("x-bkapi-authorization")) == {
            "bk_app_code": "trunkline",
            "bk_app_secret": "s",
        }
        assert received.header("x-bk-tenant-id") is None


@pytest.mark.parametrize(
    "key", [ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())], ids=["ed25519", "p256"]
)
async def test_a_message_signature_with_a_key_pair_needs_the_public_half_alone(gateway, key):
    secret = f"sealed:{private_pem(key).decode()}"
    signing = {"profile": "http-message-signature", "key_id": "cmdb-2", "secret": secret}
    gateway.system(component("search"), signing=signing)
    await gateway.call(SEARCH, content=b'{"a": 1}')
    (received,) = gateway.upstream.received
    signature = verify_request(
        message_from_asgi(received.scope),
        received.body,
        keys={"cmdb-2": key.public_key()},
        now=time.time(),
        nonce_seen=lambda _nonce, _expires: False,
    )
    assert signature.key_id == "cmdb-2"


@dataclass
class TokenServer(Upstream):
    """Gives token-1, token-2 and so on."""

    life: int = 3600
    answer: bytes | None = None

    async def __call__(self, scope, receive, send) -> None:
        given = {"access_token": f"token-{len(self.received) + 1}", "token_type": "Bearer", "expires_in": self.life}
        self.pieces = [self.answer if self.answer is not None else json.dumps(given).encode()]
        await super().__call__(scope, receive, send)


@pytest.fixture
async def tokens():
    server = TokenServer()
    async with Served(server) as url:
        server.url = url
        yield server


def long_lived():
    return token(exp=int(time.time()) + 3600)


class TestClientCredentials:
    def configured(self, gateway, tokens, **parameters: str):
        gateway.plane._client._policy = AddressPolicy.allowing([gateway.upstream.url, tokens.url])
        settings = {"token_url": f"{tokens.url}/token", "client_id": "trunk line", "scope": "read", **parameters}
        sign_with(gateway, "oauth2-client-credentials", "s:e&c", **settings)

    async def test_a_token_is_fetched_once_for_many_calls_at_once_and_outlives_a_publication(self, gateway, tokens):
        self.configured(gateway, tokens)
        for _ in range(3):
            answers = await asyncio.gather(*(gateway.call(SEARCH, content=b"{}") for _ in range(10)))
            assert {answer.status_code for answer in answers} == {200}
            gateway.app({"system": "cmdb", "component": None})
            self.configured(gateway, tokens)
        assert {received.header("authorization") for received in gateway.upstream.received} == {"Bearer token-1"}
        (asked,) = tokens.received
        assert parse_qs(asked.body.decode()) == {"grant_type": ["client_credentials"], "scope": ["read"]}
        credential = base64.b64encode(b"trunk+line:s%3Ae%26c").decode()
        assert asked.header("authorization") == f"Basic {credential}"

    async def test_credentials_go_into_the_body_where_the_server_wants_them_there(self, gateway, tokens):
        self.configured(gateway, tokens, authentication="body")
        await gateway.call(SEARCH, content=b"{}")
        (asked,) = tokens.received
        form = parse_qs(asked.body.decode())
        assert (form["client_id"], form["client_secret"]) == (["trunk line"], ["s:e&c"])
        assert asked.header("authorization") is None

    async def test_a_token_near_its_end_is_renewed_while_it_is_still_used(self, gateway, tokens):
        tokens.life = 100
        self.configured(gateway, tokens)
        await gateway.call(SEARCH, content=b"{}")
        gateway.clock.late = 80
        sent = []
        while "Bearer token-2" not in sent:
            await gateway.call(SEARCH, content=b"{}", bearer=long_lived())
            sent = [received.header("authorization") for received in gateway.upstream.received]
        assert sent[:2] == ["Bearer token-1", "Bearer token-1"]
        assert len(tokens.received) == 2

    async def test_a_token_the_upstream_refuses_is_not_used_again(self, gateway, tokens):
        self.configured(gateway, tokens)
        await gateway.call(SEARCH, content=b"{}")
        gateway.clock.late = 10
        gateway.upstream.status = 401
        await gateway.call(SEARCH, content=b"{}")
        gateway.upstream.status = 200
        await gateway.call(SEARCH, content=b"{}")
        sent = [received.header("authorization") for received in gateway.upstream.received]
        assert sent == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]

    @pytest.mark.parametrize(
        ("status", "answer"),
        [
            (401, b'{"error": "invalid_client"}'),
            (200, b"<html>"),
            (200, b"[]"),
            (200, b'{"access_token": 5}'),
            (200, b'{"access_token": "a\\r\\nx: y", "token_type": "Bearer"}'),
            (200, b'{"access_token": "a", "token_type": "mac"}'),
            (200, b'{"access_token": "a", "expires_in": "soon"}'),
            (200, b'{"access_token": "a", "expires_in": 1' + b"0" * 400 + b"}"),
            (200, b"[" * 30_000),
            (302, b""),
        ],
    )
    async def test_without_a_token_no_call_goes_out_and_no_secret_is_told(
        self, gateway, tokens, status, answer, caplog
    ):
        tokens.status, tokens.answer = status, answer
        self.configured(gateway, tokens)
        for _ in range(3):
            refused = await gateway.call(SEARCH, content=b"{}")
            assert (refused.status_code, refused.headers["x-bkapi-error-code"]) == (502, "1650200")
        assert gateway.upstream.received == []
        assert len(tokens.received) == 1  # it is not asked again at once
        assert "s:e&c" not in refused.text + caplog.text

    async def test_a_token_endpoint_inside_the_machine_is_not_called(self, gateway, tokens):
        self.configured(gateway, tokens)
        gateway.plane._client._policy = AddressPolicy.allowing([gateway.upstream.url])
        refused = await gateway.call(SEARCH, content=b"{}")
        assert refused.status_code == 502
        assert tokens.received == []
