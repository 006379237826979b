"""Our sign-in is the sign-in of apps (OpenID Connect)."""

import base64
import hashlib
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.support.management import Management
from tests.support.oauth import BACK, Client, agree, first_client, query_of

ISSUER = "http://127.0.0.1:8080"
OUT = "https://shop.example.com/out"


@pytest.fixture
async def client(management: Management) -> Client:
    return await first_client(management, "list_hosts", post_logout_redirect_uris=[OUT])


async def _signed_in(management: Management, client: Client, **request: str) -> tuple[Any, dict[str, Any]]:
    ann = await management.person("ann")
    asked = {"scope": "openid profile", "nonce": "n-1", **request}
    given = (await client.redeem((await agree(ann, client.request(**asked)))["code"])).json()
    return ann, given


async def _claims(management: Management, token: str) -> dict[str, Any]:
    async with management.anonymous() as http:
        keys = KeySet.import_key_set((await http.get("/oauth/jwks")).json())
    decoded = jwt.decode(token, keys, algorithms=["ES256"])
    assert decoded.header["typ"] == "JWT"
    return dict(decoded.claims)


@pytest.mark.rfc("9700", "4.6", "An ID token names the access token it came with (at_hash)")
@pytest.mark.rfc("9700", "4.5", "An ID token names the request it answers (nonce) and the access token beside it")
async def test_an_id_token_says_who_signed_in_when_and_for_which_request(
    management: Management, client: Client
) -> None:
    _, given = await _signed_in(management, client)
    claims = await _claims(management, given["id_token"])
    now = int(management.clock.now().timestamp())
    half = hashlib.sha256(given["access_token"].encode()).digest()[:16]
    expected = {
        "iss": ISSUER, "aud": "shop", "sub": "ann", "nonce": "n-1", "auth_time": now, "iat": now,
        "preferred_username": "ann", "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
    }  # fmt: skip
    assert {name: claims[name] for name in expected} == expected
    again = (await client.refresh(given["refresh_token"])).json()
    assert "nonce" not in await _claims(management, again["id_token"])


async def test_userinfo_tells_what_the_scopes_allow(management: Management, client: Client) -> None:
    _, given = await _signed_in(management, client)
    async with management.anonymous() as http:
        headers = {"Authorization": f"Bearer {given['access_token']}"}
        told = (await http.get("/oauth/userinfo", headers=headers)).json()
        assert (told["sub"], told["name"], "locale" in told) == ("ann", "ann", False)
        assert (await http.post("/oauth/userinfo", headers=headers)).json() == told
        await management.client.patch("/v1/users/ann", json={"language": "zh"})
        assert (await http.get("/oauth/userinfo", headers=headers)).json() == told | {"locale": "zh"}
        assert (await http.get("/oauth/userinfo")).status_code == 401
        id_token = {"Authorization": f"Bearer {given['id_token']}"}
        assert (await http.get("/oauth/userinfo", headers=id_token)).status_code == 401
        await http.post("/oauth/revoke", data={"token": given["access_token"]}, auth=client.auth)
        revoked = await http.get("/oauth/userinfo", headers=headers)
    assert revoked.status_code == 401
    assert 'error="invalid_token"' in revoked.headers["www-authenticate"]


async def test_userinfo_needs_openid(management: Management, client: Client) -> None:
    _, given = await _signed_in(management, client, scope="cmdb:read")
    assert "id_token" not in given
    async with management.anonymous() as http:
        answer = await http.get("/oauth/userinfo", headers={"Authorization": f"Bearer {given['access_token']}"})
    assert (answer.status_code, answer.json()["error"]) == (403, "insufficient_scope")


async def test_discovery_says_what_is_on(management: Management) -> None:
    async with management.anonymous() as http:
        told = (await http.get("/.well-known/openid-configuration")).json()
        plain = (await http.get("/.well-known/oauth-authorization-server")).json()
        assert {name: told[name] for name in plain} == plain
        assert told["id_token_signing_alg_values_supported"] == ["ES256"]
        for name, status in (("userinfo_endpoint", 401), ("end_session_endpoint", 303)):
            assert (await http.get(told[name].removeprefix(ISSUER))).status_code == status


async def test_an_app_signs_its_person_out_here_too(management: Management, client: Client) -> None:
    ann, given = await _signed_in(management, client)
    asked = {"id_token_hint": given["id_token"], "post_logout_redirect_uri": OUT, "state": "s&1"}
    answer = await ann.get("/oauth/logout", params=asked)
    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, OUT)
    assert query_of(answer.headers["location"]) == {"state": "s&1"}
    assert (await ann.get("/v1/session")).status_code == 401


@pytest.mark.rfc("9700", "4.11", "Signing out leads to registered addresses only")
@pytest.mark.parametrize(
    "changed",
    [
        {"id_token_hint": "x.y.z"},
        {"client_id": "bank"},
        {"post_logout_redirect_uri": BACK},
        {"post_logout_redirect_uri": OUT + "/"},
    ],
)
async def test_nobody_else_signs_a_person_out_or_sends_him_elsewhere(
    management: Management, client: Client, changed: dict[str, str]
) -> None:
    ann, given = await _signed_in(management, client)
    asked = {"id_token_hint": given["id_token"], "post_logout_redirect_uri": OUT, **changed}
    answer = await ann.get("/oauth/logout", params=asked)
    assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert (await ann.get("/v1/session")).status_code == 200
    bob = await management.person("bob")
    assert (await bob.get("/oauth/logout", params={"id_token_hint": given["id_token"]})).status_code == 400
    assert (await bob.get("/v1/session")).status_code == 200


async def test_a_system_is_a_protected_resource_of_its_own(management: Management, client: Client) -> None:
    async with management.anonymous() as http:
        told = (await http.get("/.well-known/oauth-protected-resource/api/cmdb")).json()
        assert (told["resource"], told["authorization_servers"]) == (f"{ISSUER}/api/cmdb", [ISSUER])
        assert "cmdb:read" in told["scopes_supported"]
        assert (await http.get("/.well-known/oauth-protected-resource/api/ghost")).status_code == 404
