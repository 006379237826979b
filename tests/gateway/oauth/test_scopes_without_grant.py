"""Components that need no grant: opened by their own name, in a token that asks for it, and nothing else with them."""

import pytest

from tests.support.management import Management, document
from tests.support.oauth import Client, agree, client_of


@pytest.fixture
async def shop(management: Management) -> Client:
    """An app with one grant; `cmdb.ping` needs none."""
    await management.import_system(document())
    free = {"method": "GET", "path": "/ping", "title": "Is it there?", "grant_required": False}
    assert (await management.client.put("/v1/systems/cmdb/draft/components/ping", json=free)).is_success
    assert (await management.client.post("/v1/systems/cmdb/releases", json={"version": "1.1.0"})).is_success
    await management.client.post("/v1/systems/cmdb/stages/prod:activate", json={"release": "1.1.0"})
    grants = ["client_credentials", "authorization_code", "refresh_token"]
    return await client_of(management, "create_host", grant_types=grants)


async def scope_of(client: Client, **form: str) -> str:
    answer = (await client.token(grant_type="client_credentials", **form)).json()
    return str(answer.get("scope", answer.get("error")))


async def test_a_token_carries_its_name_when_it_is_asked_for(shop: Client) -> None:
    assert await scope_of(shop, scope="cmdb.ping") == "cmdb.ping"
    assert await scope_of(shop, scope="cmdb.ping cmdb:write") == "cmdb.ping cmdb:write"
    assert await scope_of(shop) == "cmdb:write"


@pytest.mark.parametrize("scope", ["cmdb:read", "cmdb.list_hosts", "cmdb.ping2", "job.ping", "cmdb.", ".ping"])
async def test_nothing_else_comes_without_a_grant(shop: Client, scope: str) -> None:
    """Not the scope it shares with components that need one either."""
    assert await scope_of(shop, scope=scope) == "invalid_scope"


async def test_an_app_without_any_grant_gets_it_too(management: Management, shop: Client) -> None:
    other = Client(management, await management.app_with_secret("other"), "other")
    assert await scope_of(other, scope="cmdb.ping") == "cmdb.ping"
    assert await scope_of(other, scope="cmdb.create_host") == "invalid_scope"
    assert await scope_of(shop, scope="cmdb.ping") == "cmdb.ping"


async def test_a_person_lets_an_app_use_it_for_him(management: Management, shop: Client) -> None:
    ann = await management.person("ann")
    given = (await shop.redeem((await agree(ann, shop.request(scope="cmdb.ping")))["code"])).json()
    assert given["scope"] == "cmdb.ping"
    assert (await shop.refresh(given["refresh_token"])).json()["scope"] == "cmdb.ping"


async def test_it_ends_when_the_component_comes_to_need_a_grant(management: Management, shop: Client) -> None:
    changed = {"method": "GET", "path": "/ping", "title": "Is it there?", "grant_required": True}
    await management.client.put("/v1/systems/cmdb/draft/components/ping", json=changed)
    await management.client.post("/v1/systems/cmdb/releases", json={"version": "2.0.0"})
    await management.client.post("/v1/systems/cmdb/stages/prod:activate", json={"release": "2.0.0"})
    assert await scope_of(shop, scope="cmdb.ping") == "invalid_scope"
