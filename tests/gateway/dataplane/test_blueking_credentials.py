"""What BlueKing's clients prove themselves with beside a secret: signatures, and users by token or by name."""

import asyncio
import hashlib
import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest

from gateway.dataplane.logins import Logins
from kernel.signing.bk_hmac import sign
from kernel.signing.jwt import sign_for_gateway_shape
from tests.gateway.dataplane.conftest import AUDIENCE, ISSUER, RSA_KEY, SECRET, Served, component, public_pem, token

SEARCH = "/api/c/compapi/v2/cc/search/"
GRANT = {"system": "cmdb", "component": None}
SECRETS = [{"sha256": hashlib.sha256(SECRET.encode()).hexdigest(), "sealed": "app"}]
HEADER = {"bk_app_code": "shop", "bk_app_secret": SECRET}


def signed(
    method: str, body: bytes | None = None, *, secret: str = SECRET, age: int = 0, nonce: int = 7, **params: str
):
    query = {"bk_nonce": str(nonce), "bk_timestamp": str(int(time.time()) - age), **params}
    query["bk_signature"] = sign(secret, method, SEARCH, query, body)
    return f"{SEARCH}?{urlencode(query)}"


def x_bkapi(**credentials: str) -> dict[str, str]:
    return {"X-Bkapi-Authorization": json.dumps(credentials)}


def open_to_parameters(gateway) -> None:
    """The component answers every method at the unified endpoint, where parameters may hold credentials."""
    prod = {
        "release": "1.0.0",
        "upstream": {"base_url": f"{gateway.upstream.url}/systems/cmdb"},
        "components": [component("search", "ANY")],
    }
    gateway.apply({"kind": "system", "name": "cmdb", "parameter_credentials": True, "stages": {"prod": prod}})


@pytest.fixture
def signing(gateway):
    gateway.app(GRANT, secrets=SECRETS)
    return gateway


async def test_a_signed_post_without_a_content_type_is_the_apps(signing):
    body = b'{"bk_app_code": "shop", "a": 1}'
    answer = await signing.http.post(signed("POST", body), content=body)
    assert answer.json()["result"] is True, answer.text
    received = signing.upstream.received[0]
    assert received.header("x-trunkline-app") == "shop"
    assert received.body == b'{"a": 1}'


async def test_a_signed_get_is_the_apps_and_its_parameters_arrive(signing):
    answer = await signing.http.get(signed("GET", bk_app_code="shop", name="a b&c"))
    assert answer.json()["result"] is True, answer.text
    assert json.loads(signing.upstream.received[0].body) == {"name": "a b&c"}


@pytest.mark.parametrize(
    "how",
    [
        {"secret": "another secret"},
        {"age": 301},
        {"age": -400},
        {"nonce": 0},
        {"bk_nonce": "1" * 5000},
        {"bk_timestamp": "1" * 5000},
    ],
)
async def test_a_signature_that_does_not_hold_is_refused(signing, how):
    body = b'{"bk_app_code": "shop"}'
    answer = await signing.http.post(signed("POST", body, **how), content=body)
    assert (answer.status_code, answer.json()["code"]) == (200, 1306000)
    assert not answer.json()["message"].startswith("Internal error"), answer.text
    assert signing.upstream.received == []


async def test_what_was_not_signed_is_refused(signing):
    body = b'{"bk_app_code": "shop", "a": 1}'
    for path, content in (
        (signed("POST", body), body.replace(b"1", b"2")),
        (signed("POST", body) + "&extra=1", body),
        (signed("POST", body) + "&bk_nonce=7", body),
    ):
        assert (await signing.http.post(path, content=content)).json()["code"] == 1306000
    assert signing.upstream.received == []


async def test_a_signed_request_is_accepted_once(signing):
    body = b'{"bk_app_code": "shop"}'
    path = signed("POST", body)
    assert (await signing.http.post(path, content=body)).json()["result"] is True
    again = (await signing.http.post(path, content=body)).json()
    assert (again["code"], "sent before" in again["message"]) == (1306000, True)
    assert len(signing.upstream.received) == 1


async def test_a_signed_request_is_accepted_once_while_a_release_is_tried_too(signing):
    signing.system(component("search"), canary={"release": "2.0.0", "share": 50, "components": [component("search")]})
    body = b'{"bk_app_code": "shop"}'
    assert (await signing.http.post(signed("POST", body), content=body)).json()["result"] is True


async def test_a_signed_request_is_accepted_once_whatever_signature_a_parameter_tells_beside_it(signing):
    path = signed("GET", bk_app_code="shop")
    for signature in ("x", "y"):
        await signing.http.request("GET", path, content=json.dumps({"bk_signature": signature}).encode())
        await signing.http.post(path, content=json.dumps({"bk_signature": signature}).encode())
    open_to_parameters(signing)
    query = {"bk_nonce": "7", "bk_timestamp": str(int(time.time())), "bk_app_code": "shop"}
    query["bk_signature"] = sign(SECRET, "DELETE", "/api/cmdb/prod/search", query)
    for signature in ("x", "y"):
        content = json.dumps({"bk_signature": signature}).encode()
        await signing.http.request("DELETE", f"/api/cmdb/prod/search?{urlencode(query)}", content=content)
    assert signing.upstream.received == []


@pytest.mark.parametrize(
    ("method", "content_type"),
    [("PUT", "application/json"), ("GET", "application/json"), ("PUT", "image/png"), ("POST", "image/png")],
)
async def test_a_body_that_no_signature_covers_is_refused(signing, method, content_type):
    path = "/api/cmdb/prod/search"
    open_to_parameters(signing)
    for body in (b'{"a": 1}', b""):
        query = {"bk_nonce": "7", "bk_timestamp": str(int(time.time())), "bk_app_code": "shop"}
        query["bk_signature"] = sign(SECRET, method, path, query, b"" if method == "POST" else None)
        headers = {"content-type": content_type}
        answer = await signing.http.request(method, f"{path}?{urlencode(query)}", content=body, headers=headers)
        assert answer.status_code == (400 if body else 200), answer.text
    assert [received.body for received in signing.upstream.received] == [b""]


async def test_an_app_that_does_not_sign_cannot_be_proven_by_a_signature(gateway):
    body = b'{"bk_app_code": "shop"}'
    assert (await gateway.http.post(signed("POST", body), content=body)).json()["code"] == 1306000
    body = b'{"bk_app_code": "nobody"}'
    assert (await gateway.http.post(signed("POST", body), content=body)).json()["code"] == 1306000


async def test_the_sealed_secret_is_in_no_text(signing):
    assert SECRET not in repr(signing.holder.current.apps["shop"])


async def test_a_number_is_no_credential_however_long(signing):
    signing.plane._road.max_body = 10_000
    for digits in (3, 6_000):
        answer = await signing.http.post(SEARCH, content=b'{"bk_app_code": ' + b"7" * digits + b"}")
        assert answer.json()["code"] in {1306000, 1306406}, answer.text


async def test_credentials_may_stand_in_the_query_of_a_post(gateway):
    answer = await gateway.http.post(f"{SEARCH}?{urlencode(HEADER)}", json={"a": 1})
    assert answer.json()["result"] is True
    assert gateway.upstream.received[0].body == b'{"a":1}'


@pytest.mark.parametrize("path", [SEARCH, "/api/cmdb/prod/search"])
async def test_an_app_names_its_user_only_where_that_is_permitted(gateway, path):
    gateway.system(component("search", user_required=True))
    headers = x_bkapi(**HEADER, bk_username="ann")
    refused = (await gateway.http.post(path, headers=headers, json={})).json()
    assert (refused["result"], refused["code"]) == (False, 1306000 if path == SEARCH else 1640102)
    assert "may not name its user" in refused["message"]
    assert gateway.upstream.received == []
    gateway.app(GRANT, may_name_user=True)
    await gateway.http.post(path, headers=headers, json={})
    assert gateway.upstream.received[0].header("x-trunkline-user") == "ann"


async def test_a_name_nobody_needs_is_passed_over(gateway):
    assert (await gateway.http.post(SEARCH, json=HEADER | {"bk_username": "ann"})).json()["result"] is True
    assert gateway.upstream.received[0].header("x-trunkline-user") is None


class Login:
    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer: Any = {"result": True, "bk_error_code": 0, "bk_error_msg": "", "data": {"bk_username": "ann"}}
        self.status = 200

    async def __call__(self, scope: Any, _receive: Any, send: Any) -> None:
        self.asked.append(scope["path"] + "?" + scope["query_string"].decode())
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(self.answer).encode()})


@pytest.fixture
async def login(gateway):
    service = Login()
    gateway.system(component("search", user_required=True))
    async with Served(service) as url:
        logins = gateway.plane._road.logins = Logins(f"{url}/login/api/v2/is_login/")
        yield service
        await logins.aclose()


@pytest.mark.parametrize("path", [SEARCH, "/api/cmdb/prod/search"])
async def test_a_bk_token_is_whom_the_login_service_says(gateway, login, path):
    for _ in range(2):
        answer = await gateway.http.post(path, headers=x_bkapi(**HEADER, bk_token="a token"), json={})
        assert answer.json()["result"] is True, answer.text
    assert gateway.upstream.received[-1].header("x-trunkline-user") == "ann"
    assert login.asked == ["/login/api/v2/is_login/?bk_token=a%20token"]


async def test_a_bk_token_may_stand_in_the_body_or_in_a_cookie(gateway, login):
    assert (await gateway.http.post(SEARCH, json=HEADER | {"bk_token": "t"})).json()["result"] is True
    headers = x_bkapi(**HEADER) | {"Cookie": "a=b; bk_token=t"}
    assert (await gateway.http.post("/api/cmdb/prod/search", headers=headers, json={})).json()["result"] is True
    assert all(received.header("cookie") is None for received in gateway.upstream.received)
    assert len(login.asked) == 1


async def test_many_calls_with_one_bk_token_ask_once(gateway, login):
    calls = [gateway.http.post(SEARCH, json=HEADER | {"bk_token": "t"}) for _ in range(8)]
    assert all(answer.json()["result"] is True for answer in await asyncio.gather(*calls))
    assert len(login.asked) == 1


@pytest.mark.parametrize(
    ("status", "answer", "words"),
    [
        (200, {"result": False, "bk_error_code": 1302100, "data": {}}, "not valid"),
        (200, {"result": True, "data": {}}, "not valid"),
        (500, {}, "does not answer as it should"),
        (200, [], "does not answer as it should"),
    ],
)
async def test_a_bk_token_that_cannot_be_confirmed_is_nobody(gateway, login, status, answer, words):
    login.status, login.answer = status, answer
    refused = (await gateway.http.post(SEARCH, json=HEADER | {"bk_token": "t"})).json()
    assert (refused["code"], words in refused["message"]) == (1306000, True)
    assert gateway.upstream.received == []


async def test_without_a_login_service_a_bk_token_says_why_it_does_not_count(gateway):
    gateway.system(component("search", user_required=True))
    refused = (await gateway.http.post(SEARCH, json=HEADER | {"bk_token": "t", "bk_username": "ann"})).json()
    assert "no login service is configured" in refused["message"]


async def test_an_access_token_beats_whatever_stands_beside_it(gateway):
    headers = x_bkapi(**HEADER | {"bk_app_secret": "wrong"}, access_token=token())
    assert (await gateway.http.post("/api/cmdb/prod/search", headers=headers, json={})).json()["result"] is True


async def test_a_trusted_gateways_jwt_names_the_user_beside_an_access_token(gateway):
    gateway.system(component("search", user_required=True))
    key = {"kid": "apigw", "alg": "RS512", "public_key": public_pem(RSA_KEY)}
    keys = gateway.holder.current.keys.to_document()
    now = int(time.time())
    jwt = sign_for_gateway_shape(RSA_KEY, key_id="apigw", issuer="APIGW", app_code="other", username="ann", now=now)
    headers = x_bkapi(access_token=token(), jwt=jwt)
    refused = await gateway.http.post("/api/cmdb/prod/search", headers=headers, json={})
    assert refused.headers["x-bkapi-error-code"] == "1640004"
    gateway.apply({**keys, "issuer": ISSUER, "audience": AUDIENCE, "trusted_gateways": [key]})
    assert (await gateway.http.post("/api/cmdb/prod/search", headers=headers, json={})).json()["result"] is True
    received = gateway.upstream.received[0]
    assert (received.header("x-trunkline-app"), received.header("x-trunkline-user")) == ("shop", "ann")
