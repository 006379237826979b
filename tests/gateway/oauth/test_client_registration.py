"""Clients that register themselves (RFC 7591, RFC 7592): off unless a setting says so, and then bounded."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey

from gateway.oauth.registration import service
from kernel.settings import Settings
from tests.support.management import Management, document
from tests.support.oauth import BACK, Client, agree

METADATA = {"redirect_uris": [BACK], "client_name": "Editor", "grant_types": ["authorization_code", "refresh_token"]}


@pytest.fixture(params=["token"])
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    return settings.model_copy(update={"client_registration": request.param})


async def initial_token(management: Management, person: httpx.AsyncClient | None = None) -> str:
    body = {"name": "editors", "expires_at": (management.clock.now() + timedelta(days=1)).isoformat()}
    answer = await (person or management.client).post("/v1/registration-tokens", json=body)
    assert answer.status_code == 201, answer.text
    value: str = answer.json()["token"]
    return value


async def register(management: Management, token: str | None = None, **changed: Any) -> httpx.Response:
    sent = {name: value for name, value in {**METADATA, **changed}.items() if value is not None}
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    async with management.anonymous() as client:
        return await client.post("/oauth/register", json=sent, headers=headers)


async def own(management: Management, method: str, told: dict[str, Any], **more: Any) -> httpx.Response:
    """The client looks at its own registration."""
    headers = {"Authorization": f"Bearer {told['registration_access_token']}"}
    path = told["registration_client_uri"].removeprefix("http://127.0.0.1:8080")
    async with management.anonymous() as client:
        return await client.request(method, path, headers=headers, **more)


def refused(answer: httpx.Response, error: str, status: int = 400) -> str:
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
    said: str = answer.json()["error_description"]
    return said


@pytest.mark.parametrize("settings", ["off"], indirect=True)
async def test_it_is_off_unless_a_setting_says_so(management: Management) -> None:
    assert (await register(management, await initial_token(management))).status_code == 404
    metadata = (await management.client.get("/.well-known/oauth-authorization-server")).json()
    assert "registration_endpoint" not in metadata


@pytest.mark.rfc("7591", "3.2.1", "a registered client gets its id, its secret and what was registered")
async def test_a_client_registers_and_acts_for_people(management: Management) -> None:
    await management.import_system(document())
    ann = await management.person("ann")
    answer = await register(management, await initial_token(management, ann))
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert {name: told[name] for name in METADATA} == METADATA
    assert (told["token_endpoint_auth_method"], told["response_types"]) == ("client_secret_basic", ["code"])
    assert told["client_secret_expires_at"] == 0
    mine = (await ann.get(f"/v1/apps/{told['client_id']}")).json()
    assert (mine["name"], mine["owner"]) == ("Editor", "ann")
    client = Client(management, told["client_secret"], told["client_id"])
    back = await agree(ann, client.request(scope="openid"))
    tokens = (await client.redeem(back["code"])).json()
    assert tokens["scope"] == "openid"
    refused_scope = await ann.get("/oauth/authorize", params=client.request(scope="cmdb:read"))
    assert "error=invalid_scope" in refused_scope.headers["location"]
    metadata = (await management.client.get("/.well-known/oauth-authorization-server")).json()
    assert metadata["registration_endpoint"] == "http://127.0.0.1:8080/oauth/register"


async def test_a_client_without_a_secret_gets_none(management: Management) -> None:
    token = await initial_token(management)
    public = (await register(management, token, token_endpoint_auth_method="none")).json()
    key = ECKey.generate_key("P-256", {"kid": "1"}).as_dict(private=False)
    signs = {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [key]}}
    signing = (await register(management, token, **signs)).json()
    assert "client_secret" not in public
    assert "client_secret" not in signing
    assert signing["jwks"] == {"keys": [key]}


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"redirect_uris": None}, "invalid_redirect_uri"),
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://shop.example.com/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://*.example.com/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": "https://a.example/"}, "invalid_client_metadata"),
        ({"grant_types": ["client_credentials"]}, "invalid_client_metadata"),
        ({"grant_types": ["authorization_code", "urn:ietf:params:oauth:grant-type:token-exchange"]},
         "invalid_client_metadata"),
        ({"grant_types": ["refresh_token"]}, "invalid_client_metadata"),
        ({"response_types": ["token"]}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "tls_client_auth"}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"),
        ({"software_statement": "x.y.z"}, "invalid_client_metadata"),
        ({"client_name": "two\nlines"}, "invalid_client_metadata"),
    ],
)  # fmt: skip
@pytest.mark.rfc("7591", "3.2.2", "metadata that can't be registered is refused, and says why")
async def test_what_can_not_be_registered_is_refused(
    management: Management, changed: dict[str, Any], error: str
) -> None:
    assert refused(await register(management, await initial_token(management), **changed), error)
    assert [app["app_code"] for app in (await management.client.get("/v1/apps")).json()["items"]] == []


async def test_what_is_not_understood_is_left_out(management: Management) -> None:
    answer = await register(management, await initial_token(management), logo_uri="javascript:x", is_first_party=True)
    assert answer.status_code == 201
    assert not {"logo_uri", "is_first_party"} & set(answer.json())
    settings = (await management.client.get(f"/v1/apps/{answer.json()['client_id']}/oauth")).json()
    assert settings["is_first_party"] is False


async def test_without_a_token_that_holds_nobody_registers(management: Management) -> None:
    token = await initial_token(management)
    for wrong in (None, "wrong"):
        refused(await register(management, wrong), "invalid_token", 401)
    management.clock.advance(days=1)
    refused(await register(management, token), "invalid_token", 401)
    fresh = await initial_token(management)
    (_, kept) = (await management.client.get("/v1/registration-tokens")).json()["items"]
    somebody = await management.person("somebody")
    assert (await somebody.delete(f"/v1/registration-tokens/{kept['id']}")).status_code == 404
    assert (await management.client.delete(f"/v1/registration-tokens/{kept['id']}")).status_code == 204
    refused(await register(management, fresh), "invalid_token", 401)
    too_long = {"name": "x", "expires_at": (management.clock.now() + timedelta(days=91)).isoformat()}
    assert (await management.client.post("/v1/registration-tokens", json=too_long)).status_code == 422


@pytest.mark.rfc("7592", "2", "a client reads, replaces and ends its own registration, and nobody else's")
async def test_a_client_keeps_its_own_registration(management: Management) -> None:
    token = await initial_token(management)
    told, other = (await register(management, token)).json(), (await register(management, token)).json()
    shown = (await own(management, "GET", told)).json()
    assert (shown["client_id"], shown["redirect_uris"]) == (told["client_id"], [BACK])
    assert "client_secret" not in shown
    changed = await own(management, "PUT", told, json={**METADATA, "redirect_uris": ["https://new.example/"]})
    assert changed.json()["redirect_uris"] == ["https://new.example/"]
    refused(await own(management, "PUT", told, json={"redirect_uris": ["http://x.example/"]}), "invalid_redirect_uri")
    stranger = told | {"registration_access_token": other["registration_access_token"]}
    for method in ("GET", "PUT", "DELETE"):
        more = {"json": METADATA} if method == "PUT" else {}
        refused(await own(management, method, stranger, **more), "invalid_token", 401)
    assert (await own(management, "DELETE", told)).status_code == 204
    refused(await own(management, "GET", told), "invalid_token", 401)
    assert (await own(management, "GET", other)).status_code == 200
    client = Client(management, told["client_secret"], told["client_id"])
    assert (await client.token(grant_type="refresh_token", refresh_token="x")).status_code == 401


@pytest.mark.parametrize("settings", ["open"], indirect=True)
async def test_where_it_is_open_anybody_registers_but_not_without_end(
    management: Management, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_OF_ONE_ORIGIN", 2)
    first = (await register(management)).json()
    app = (await management.client.get(f"/v1/apps/{first['client_id']}")).json()
    assert app["owner"] is None
    assert (await register(management)).status_code == 201
    refused(await register(management), "temporarily_unavailable", 429)
    refused(await register(management, "wrong"), "invalid_token", 401)
    assert (await register(management, await initial_token(management))).status_code == 201
    management.clock.advance(hours=1, seconds=1)
    assert (await register(management)).status_code == 201


async def test_a_client_that_nobody_uses_goes_and_one_that_is_used_stays(management: Management) -> None:
    await management.import_system(document())
    token = await initial_token(management)
    unused, allowed, applied = [(await register(management, token)).json() for _ in range(3)]
    client = Client(management, allowed["client_secret"], allowed["client_id"])
    await client.redeem((await agree(await management.person("ann"), client.request(scope="openid")))["code"])
    await management.granted(applied["client_id"], "cmdb", ["list_hosts"])
    registration = management.unit.services.oauth.registration
    await registration.expire()
    assert (await own(management, "GET", unused)).status_code == 200
    management.clock.advance(days=7, seconds=1)
    await registration.expire()
    refused(await own(management, "GET", unused), "invalid_token", 401)
    for kept in (allowed, applied):
        assert (await own(management, "GET", kept)).status_code == 200
    codes = {app["app_code"] for app in (await management.client.get("/v1/apps")).json()["items"]}
    assert codes == {allowed["client_id"], applied["client_id"]}
    actions = [record.action for record in await management.audit("app", unused["client_id"])]
    assert actions[-1] == "app.removed"
    assert "oauth_client.registered" in actions
