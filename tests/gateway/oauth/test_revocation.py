"""Tokens that end before they expire, and what is told of a token."""

from typing import Any

import httpx
import pytest

from kernel.signing.access_token import verify_access_token
from tests.support.management import Management
from tests.support.oauth import Client, agree, client_of, first_client

ISSUER = "http://127.0.0.1:8080"


@pytest.fixture
async def client(management: Management) -> Client:
    grants = ["authorization_code", "refresh_token", "client_credentials"]
    return await first_client(management, "list_hosts", grant_types=grants)


async def _given(management: Management, client: Client, **request: str) -> dict[str, Any]:
    ann = await management.person("ann")
    given: dict[str, Any] = (await client.redeem((await agree(ann, client.request(**request)))["code"])).json()
    return given


async def _post(client: Client, path: str, **form: str) -> httpx.Response:
    async with client.management.anonymous() as http:
        return await http.post(path, data=form, auth=client.auth)


async def _active(client: Client, token: str) -> bool:
    active: bool = (await _post(client, "/oauth/introspect", token=token)).json()["active"]
    return active


def _refused(management: Management, token: str) -> bool:
    """As the data plane decides it, by its snapshot."""
    keys, now = management.holder.current.keys, management.clock.now().timestamp()
    claims = verify_access_token(token, keys.keys, issuer=keys.issuer, audience=None, now=now)
    return management.holder.current.revocations.covers(
        claims.token_id, claims.client_id, claims.issued_at, claims.authorization_id or "", claims.user
    )


async def test_an_app_learns_what_its_token_says(management: Management, client: Client) -> None:
    given = await _given(management, client, scope="openid cmdb:read")
    told = (await _post(client, "/oauth/introspect", token=given["access_token"])).json()
    now = int(management.clock.now().timestamp())
    expected = {
        "active": True, "client_id": "shop", "username": "ann", "sub": "ann", "aud": ISSUER, "iss": ISSUER,
        "token_type": "Bearer", "scope": "cmdb:read openid", "iat": now, "exp": now + 3600,
    }  # fmt: skip
    assert {name: told[name] for name in expected} == expected
    refresh = (await _post(client, "/oauth/introspect", token=given["refresh_token"])).json()
    assert (refresh["active"], refresh["username"]) == (True, "ann")


@pytest.mark.rfc("9700", "4.15", "A token of a client for itself is never taken for a person's")
async def test_a_token_of_an_app_for_itself_names_no_person(management: Management, client: Client) -> None:
    own = (await client.token(grant_type="client_credentials")).json()["access_token"]
    told = (await _post(client, "/oauth/introspect", token=own)).json()
    assert (told["active"], told["sub"]) == (True, "shop")
    assert "username" not in told


async def test_others_learn_nothing_of_a_token(management: Management, client: Client) -> None:
    given = await _given(management, client)
    other = Client(management, await management.app_with_secret("bank"), "bank")
    for token in (given["access_token"], given["refresh_token"], "x.y.z", "nonsense"):
        assert (await _post(other, "/oauth/introspect", token=token)).json() == {"active": False}
    nobody = Client(management, "wrong")
    assert (await _post(nobody, "/oauth/introspect", token=given["access_token"])).status_code == 401
    missing = await _post(client, "/oauth/introspect")
    assert (missing.status_code, missing.json()["error"]) == (400, "invalid_request")


async def test_a_public_client_learns_nothing(management: Management) -> None:
    public = await client_of(management, token_endpoint_auth_method="none")
    answer = await _post(public, "/oauth/introspect", token="x", client_id="shop")
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


async def test_an_app_of_a_system_learns_of_tokens_for_that_system(management: Management, client: Client) -> None:
    narrow = await _given(management, client, resource=f"{ISSUER}/api/cmdb")
    keeper = Client(management, await management.app_with_secret("keeper"), "keeper")
    assert not await _active(keeper, narrow["access_token"])
    related = await management.client.put("/v1/systems/cmdb/related-apps/keeper")
    assert related.status_code < 300, related.text
    assert await _active(keeper, narrow["access_token"])


@pytest.mark.rfc("7009", "2.1", "A refresh token that is given back takes the access tokens with it")
async def test_a_refresh_token_given_back_takes_everything_with_it(management: Management, client: Client) -> None:
    given = await _given(management, client)
    answer = await _post(client, "/oauth/revoke", token=given["refresh_token"], token_type_hint="refresh_token")
    assert (answer.status_code, answer.json()) == (200, {})
    assert _refused(management, given["access_token"])
    assert not await _active(client, given["access_token"])
    assert not await _active(client, given["refresh_token"])
    assert (await client.refresh(given["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await _post(client, "/oauth/revoke", token=given["refresh_token"])).status_code == 200


async def test_an_access_token_given_back_ends_alone(management: Management, client: Client) -> None:
    given = await _given(management, client)
    assert (await _post(client, "/oauth/revoke", token=given["access_token"])).status_code == 200
    assert _refused(management, given["access_token"])
    again = (await client.refresh(given["refresh_token"])).json()
    assert not _refused(management, again["access_token"])
    assert (await _post(client, "/oauth/revoke", token="nonsense")).status_code == 200


async def test_nobody_gives_back_anothers_token(management: Management, client: Client) -> None:
    given = await _given(management, client)
    other = Client(management, await management.app_with_secret("bank"), "bank")
    for token in (given["access_token"], given["refresh_token"]):
        answer = await _post(other, "/oauth/revoke", token=token)
        assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")
    assert await _active(client, given["access_token"])
    assert (await _post(Client(management, "wrong"), "/oauth/revoke", token=given["access_token"])).status_code == 401


async def test_a_disabled_apps_tokens_end_for_good(management: Management, client: Client) -> None:
    given = await _given(management, client)
    own = (await client.token(grant_type="client_credentials")).json()["access_token"]
    disabled = await management.client.patch("/v1/apps/shop", json={"enabled": False})
    assert (disabled.status_code, disabled.json()["enabled"], disabled.json()["live"]) == (200, False, True)
    assert (await client.refresh(given["refresh_token"])).json()["error"] == "invalid_client"
    await management.client.patch("/v1/apps/shop", json={"enabled": True})
    assert _refused(management, own)
    assert _refused(management, given["access_token"])
    assert (await client.refresh(given["refresh_token"])).json()["error"] == "invalid_grant"
    management.clock.advance(seconds=2)
    assert not _refused(management, (await client.token(grant_type="client_credentials")).json()["access_token"])


async def test_all_tokens_for_a_person_end_with_his_account(management: Management, client: Client) -> None:
    given = await _given(management, client)
    assert (await management.client.post("/v1/users/ann:disable")).status_code == 200
    await management.unit._loader.load()
    assert _refused(management, given["access_token"])
    assert (await client.refresh(given["refresh_token"])).json()["error"] == "invalid_grant"
    await management.client.post("/v1/users/ann:enable")
    assert _refused(management, given["access_token"])
