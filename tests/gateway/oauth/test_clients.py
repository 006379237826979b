"""Who may have a token: what proves an app, and what doesn't."""

import base64
import hmac
from collections.abc import Iterator
from typing import Any
from unittest import mock

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import update

from gateway.access.apps.models import App
from gateway.oauth.client_authentication import secret as secrets
from kernel.ids import new_id
from tests.support.management import Management, document

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
CREDENTIALS = {"grant_type": "client_credentials"}


async def _token(management: Management, secret: str, **form: str) -> httpx.Response:
    async with management.anonymous() as client:
        return await client.post("/oauth/token", data=CREDENTIALS | form, auth=("shop", secret))


async def _keys(management: Management) -> KeySet:
    async with management.anonymous() as client:
        return KeySet.import_key_set((await client.get("/oauth/jwks")).json())


async def test_a_disabled_app_gets_no_token(management: Management) -> None:
    secret = await management.app_with_secret("shop")
    assert (await _token(management, secret)).status_code == 200
    async with management.kernel.database.unit_of_work() as session:
        await session.execute(update(App).where(App.app_code == "shop").values(enabled=False))
    refused = await _token(management, secret)
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


async def test_an_app_without_grants_gets_a_token_that_permits_nothing(management: Management) -> None:
    secret = await management.app_with_secret("shop")
    answer = await _token(management, secret)
    assert (answer.status_code, answer.json()["scope"]) == (200, "")
    assert (
        jwt.decode(answer.json()["access_token"], await _keys(management), algorithms=["ES256"]).claims["scope"] == ""
    )


async def test_another_apps_secret_proves_nothing(management: Management) -> None:
    await management.app_with_secret("shop")
    other = await management.app_with_secret("bank")
    assert (await _token(management, other)).json()["error"] == "invalid_client"


async def test_credentials_in_the_header_may_be_percent_encoded(management: Management) -> None:
    secret = await management.app_with_secret("shop")
    encoded = base64.b64encode(f"%73hop:{secret}".encode()).decode()
    async with management.anonymous() as client:
        answer = await client.post("/oauth/token", data=CREDENTIALS, headers={"Authorization": f"Basic {encoded}"})
    assert answer.status_code == 200


async def test_the_header_may_be_repeated_by_the_same_client_id(management: Management) -> None:
    secret = await management.app_with_secret("shop")
    assert (await _token(management, secret, client_id="shop")).status_code == 200


@pytest.fixture
def comparisons() -> Iterator[list[tuple[Any, Any]]]:
    seen: list[tuple[Any, Any]] = []

    def compare(left: Any, right: Any) -> bool:
        seen.append((left, right))
        return hmac.compare_digest(left, right)

    with mock.patch.object(secrets, "hmac", mock.Mock(compare_digest=compare)):
        yield seen


async def test_every_secret_is_compared_in_constant_time_whichever_fits(
    management: Management, comparisons: list[tuple[Any, Any]]
) -> None:
    first = await management.app_with_secret("shop")
    for _ in range(2):
        assert (await management.client.post("/v1/apps/shop/secrets")).status_code == 201
    for secret, status in ((first, 200), ("wrong", 401)):
        comparisons.clear()
        assert (await _token(management, secret)).status_code == status
        assert len(comparisons) == 3
        assert all(len(left) == len(right) == 64 for left, right in comparisons)


async def test_a_private_key_is_sealed_at_rest(management: Management) -> None:
    async with management.kernel.database.reading() as session:
        (key,) = await management.unit.services.keyring.public_keys(session)
    assert "PRIVATE" not in key.sealed_private_key
    assert key.sealed_private_key.startswith("v2.")


@pytest.mark.rfc("9700", "2.6", "Clients configure themselves by metadata, which is truthful")
async def test_metadata_offers_exactly_what_the_endpoints_do(management: Management) -> None:
    secret = await management.app_with_secret("shop")
    async with management.anonymous() as client:
        metadata = (await client.get("/.well-known/oauth-authorization-server")).json()
        assert metadata["response_types_supported"] == ["code"]
        assert metadata["code_challenge_methods_supported"] == ["S256"]
        assert metadata["authorization_response_iss_parameter_supported"] is True
        for address in (value for name, value in metadata.items() if name.endswith(("_endpoint", "_uri"))):
            path = address.removeprefix(metadata["issuer"])
            assert (await client.request("OPTIONS", path)).status_code == 405
        ways: dict[str, dict[str, Any]] = {
            "client_secret_basic": {"data": CREDENTIALS, "auth": ("shop", secret)},
            "client_secret_post": {"data": CREDENTIALS | {"client_id": "shop", "client_secret": secret}},
        }
        assert set(ways) < set(metadata["token_endpoint_auth_methods_supported"])
        for way in ways.values():
            assert (await client.post("/oauth/token", **way)).status_code == 200
        for grant_type in (*metadata["grant_types_supported"], "password", "implicit"):
            answer = await client.post("/oauth/token", data={"grant_type": grant_type}, auth=("shop", secret))
            offered = grant_type in metadata["grant_types_supported"]
            assert (answer.json().get("error") != "unsupported_grant_type") == offered


@pytest.mark.rfc("9700", "2.1.2", "No access token is given through the browser: the implicit grant is refused")
@pytest.mark.rfc("9700", "2.4", "The password grant is refused")
async def test_grants_that_are_no_more_are_refused_in_words(management: Management) -> None:
    secret = await management.app_with_secret("shop")
    async with management.anonymous() as client:
        form = {"grant_type": "password", "username": "ann", "password": "x"}
        answer = await client.post("/oauth/token", data=form, auth=("shop", secret))
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")
    assert "authorization_code" in answer.json()["error_description"]


async def test_the_protected_resource_lists_the_scopes_there_are(management: Management) -> None:
    await management.import_system(document())
    async with management.anonymous() as client:
        resource = (await client.get("/.well-known/oauth-protected-resource")).json()
    assert resource["scopes_supported"] == [
        "cmdb.create_host", "cmdb.get_host", "cmdb.list_hosts", "cmdb:read", "cmdb:write",
    ]  # fmt: skip
    assert resource["bearer_methods_supported"] == ["header"]


async def test_a_tasks_token_says_whose_it_is_and_never_more_than_the_grants_of_now(management: Management) -> None:
    await management.import_system(document())
    project = (await management.client.post("/v1/projects", json={"code": "ops", "name": "x"})).json()["id"]
    grant = await management.granted("svc-ops", "cmdb", ["list_hosts"])
    everything = frozenset({"cmdb:read", "cmdb:write", "cmdb.list_hosts", "cmdb.get_host", "cmdb.create_host"})

    async def mint(task_id: str = "") -> dict[str, Any]:
        minted = await management.unit.task_tokens.mint(
            project_id=project, task_id=task_id or new_id(), on_behalf_of="ann", scopes=everything
        )
        claims = jwt.decode(minted.value, await _keys(management), algorithms=["ES256"]).claims
        assert set(claims["scope"].split()) == minted.scopes
        assert claims["exp"] - claims["iat"] == 600
        return dict(claims)

    claims = await mint("t1")
    assert {name: claims[name] for name in ("sub", "client_id", "act", "project_id", "task_id")} == {
        "sub": "svc-ops",
        "client_id": "svc-ops",
        "act": {"sub": "ann"},
        "project_id": project,
        "task_id": "t1",
    }
    assert claims["scope"] == "cmdb.list_hosts cmdb:read"
    await management.client.post(f"/v1/grants/{grant}:revoke", json={"comment": "enough"})
    assert (await mint())["scope"] == ""
    await management.granted("svc-ops", "cmdb", None)
    assert set((await mint())["scope"].split()) == everything


async def test_what_a_tasks_token_may_carry_is_remembered_for_two_seconds_unless_a_token_was_refused(
    management: Management, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr("kernel.timed_cache.monotonic", lambda: now)
    await management.import_system(document())
    project = (await management.client.post("/v1/projects", json={"code": "ops", "name": "x"})).json()["id"]
    tokens, scopes = management.unit.task_tokens, frozenset({"cmdb.list_hosts"})

    async def minted() -> frozenset[str]:
        return (await tokens.mint(project_id=project, task_id=new_id(), on_behalf_of="ann", scopes=scopes)).scopes

    assert await minted() == frozenset()
    grant = await management.granted("svc-ops", "cmdb", ["list_hosts"])
    assert await minted() == scopes, "what lacked is looked for again"
    await management.client.post(f"/v1/grants/{grant}:revoke", json={"comment": "enough"})
    assert await minted() == scopes, "the gateway checks the grant at each call"
    tokens.forget()
    assert await minted() == frozenset()
    grant = await management.granted("svc-ops", "cmdb", ["list_hosts"])
    assert await minted() == scopes
    await management.client.post(f"/v1/grants/{grant}:revoke", json={"comment": "enough"})
    now = 2.1
    assert await minted() == frozenset()
