"""A device without a browser gets its tokens by a person elsewhere (RFC 8628)."""

import asyncio
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.oauth.device.user_codes import ALPHABET, new_user_code, normal_user_code
from tests.support.management import Management
from tests.support.oauth import Client, first_client

GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
async def client(management: Management) -> Client:
    settings = {"grant_types": [GRANT, "refresh_token"], "redirect_uris": []}
    return await first_client(management, "list_hosts", token_endpoint_auth_method="none", **settings)


async def _begin(client: Client, **form: str) -> httpx.Response:
    async with client.management.anonymous() as http:
        return await http.post("/oauth/device", data={"client_id": "shop", "scope": "cmdb:read", **form})


async def _poll(client: Client, device_code: str) -> httpx.Response:
    return await client.token(grant_type=GRANT, device_code=device_code)


async def _begun(client: Client) -> dict[str, Any]:
    answer = await _begin(client)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_a_device_gets_its_tokens_once_the_person_has_agreed(management: Management, client: Client) -> None:
    told = await _begun(client)
    assert told["verification_uri"] == "http://127.0.0.1:8080/device"
    assert told["verification_uri_complete"].endswith(told["user_code"])
    assert (await _poll(client, told["device_code"])).json()["error"] == "authorization_pending"
    ann = await management.person("ann")
    typed = told["user_code"].replace("-", " ").lower()
    question = (await ann.get("/v1/device-request", params={"user_code": typed})).json()
    assert (question["app_name"], [each["scope"] for each in question["scopes"]]) == ("shop", ["cmdb:read"])
    assert (await ann.post("/v1/device-request:allow", json={"user_code": typed})).status_code == 204
    answers = await asyncio.gather(*(_poll(client, told["device_code"]) for _ in range(4)))
    (given,) = [each.json() for each in answers if each.status_code == 200]
    assert {each.json()["error"] for each in answers if each.status_code != 200} == {"invalid_grant"}
    assert given["scope"] == "cmdb:read"
    assert (await client.refresh(given["refresh_token"])).status_code == 200
    assert (await ann.get("/v1/consents")).json()["items"][0]["app_code"] == "shop"
    assert (await ann.post("/v1/device-request:allow", json={"user_code": typed})).status_code == 404


async def test_a_person_may_refuse(management: Management, client: Client) -> None:
    told = await _begun(client)
    ann = await management.person("ann")
    assert (await ann.post("/v1/device-request:deny", json={"user_code": told["user_code"]})).status_code == 204
    assert (await _poll(client, told["device_code"])).json()["error"] == "access_denied"


async def test_a_device_that_asks_too_often_has_to_wait_longer(management: Management, client: Client) -> None:
    told = await _begun(client)
    assert (await _poll(client, told["device_code"])).json()["error"] == "authorization_pending"
    assert (await _poll(client, told["device_code"])).json()["error"] == "slow_down"
    management.clock.advance(seconds=6)
    assert (await _poll(client, told["device_code"])).json()["error"] == "slow_down"
    management.clock.advance(seconds=15)
    assert (await _poll(client, told["device_code"])).json()["error"] == "authorization_pending"
    management.clock.advance(minutes=10)
    assert (await _poll(client, told["device_code"])).json()["error"] == "expired_token"


async def test_who_may_not_gets_no_code(management: Management, client: Client) -> None:
    assert (await _begin(client, scope="job:read")).json()["error"] == "invalid_scope"
    assert (await _begin(client, client_id="ghost")).json()["error"] == "invalid_client"
    assert (await _poll(client, "nonsense")).json()["error"] == "invalid_grant"
    await management.client.put("/v1/apps/shop/oauth", json={"grant_types": ["client_credentials"]})
    async with management.anonymous() as http:
        secret = (await management.client.post("/v1/apps/shop/secrets")).json()["app_secret"]
        refused = await http.post("/oauth/device", data={"scope": "cmdb:read"}, auth=("shop", secret))
    assert refused.json()["error"] == "unauthorized_client"


@pytest.mark.rfc("8628", "5.1", "Codes of other people's devices can't be found by trying")
async def test_who_tries_codes_has_to_wait(management: Management, client: Client) -> None:
    told = await _begun(client)
    ann = await management.person("ann")
    for _ in range(10):
        assert (await ann.get("/v1/device-request", params={"user_code": "BBBB-BBBB"})).status_code == 404
    late = await ann.get("/v1/device-request", params={"user_code": told["user_code"]})
    assert (late.status_code, "retry-after" in late.headers) == (429, True)


def test_codes_are_read_however_they_are_typed() -> None:
    code = new_user_code()
    assert set(code) <= {*ALPHABET, "-"}
    for typed in (code, code.lower(), code.replace("-", ""), f" {code} ", code.replace("-", " ")):
        assert normal_user_code(typed) == code


@given(st.text(max_size=20))
def test_whatever_is_typed_is_a_code_or_none(typed: str) -> None:
    code = normal_user_code(typed)
    assert code is None or (len(code) == 9 and set(code) <= {*ALPHABET, "-"})
