"""The catalogue: who owns what, what needs a grant, which of one's apps holds one, and scopes in words."""

from typing import Any

import httpx
import pytest

from gateway.access.catalogue.scope_words import ScopedComponent, words_of
from tests.support.management import Management, document


async def _components(client: httpx.AsyncClient, path: str = "/systems/cmdb/components", **query: Any) -> list[Any]:
    answer = await client.get(f"/v1/catalogue{path}", params=query)
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()["items"]
    return found


@pytest.fixture
async def ann(management: Management) -> httpx.AsyncClient:
    """Owner of the app `shop`; `cmdb` is olga's, and one of its components needs no grant."""
    await management.person("olga")
    await management.import_system(document(), owner="olga")
    free = {"method": "GET", "path": "/ping", "title": "Is it there?", "grant_required": False}
    added = await management.client.put("/v1/systems/cmdb/draft/components/ping", json=free)
    assert added.is_success, added.text
    await management.client.patch("/v1/systems/cmdb/draft/components/create_host", json={"allow_apply": False})
    made = await management.client.post("/v1/systems/cmdb/releases", json={"version": "1.1.0"})
    assert made.status_code == 201, made.text
    await management.client.post("/v1/systems/cmdb/stages/prod:activate", json={"release": "1.1.0"})
    person = await management.token_holder("ann")
    await person.post("/v1/apps", json={"app_code": "shop", "name": "Shop"})
    return person


async def test_a_component_tells_its_owner_and_what_to_apply_for(
    management: Management, ann: httpx.AsyncClient
) -> None:
    found = {each["name"]: each for each in await _components(ann)}
    assert {name: (each["needs_grant"], each["apply_for"]) for name, each in found.items()} == {
        "list_hosts": (True, "list_hosts"),
        "get_host": (True, "get_host"),
        "create_host": (True, None),
        "ping": (False, None),
    }
    assert {each["owner"] for each in found.values()} == {"olga"}
    assert found["list_hosts"]["grants"] == []
    (scope,) = found["list_hosts"]["scopes"]
    assert (scope["scope"], scope["text"]["en"]) == ("cmdb:read", "Read from Inventory")
    assert "cmdb.list_hosts" in scope["components"]
    (system,) = (await ann.get("/v1/catalogue/systems")).json()["items"]
    assert (system["name"], system["owner"], system["components"], system["free"]) == ("cmdb", "olga", 4, 1)


async def test_it_tells_which_of_my_apps_holds_it_and_until_when(
    management: Management, ann: httpx.AsyncClient
) -> None:
    wish = {"app_code": "shop", "system": "cmdb", "components": ["list_hosts", "get_host"]}
    first, _ = (await ann.post("/v1/grants", json=wish)).json()["items"]
    approved = (await management.client.post(f"/v1/grants/{first['id']}:approve")).json()
    found = {each["name"]: each["grants"] for each in await _components(ann)}
    (held,), (waiting,) = found["list_hosts"], found["get_host"]
    assert (held["app_code"], held["state"], held["expires_at"]) == ("shop", "approved", approved["expires_at"])
    assert (waiting["state"], waiting["expires_at"]) == ("applied", None)
    assert all(not each["grants"] for each in await _components(management.client))
    assert [each["grants"] for each in await _components(management.client, app_code="shop", q="list_hosts")] == [
        [held]
    ]
    bob = await management.person("bob")
    assert all(not each["grants"] for each in await _components(bob))
    refused = await bob.get("/v1/catalogue/systems/cmdb/components", params={"app_code": "shop"})
    assert refused.status_code == 403
    management.clock.advance(days=180)
    assert [each["grants"] for each in await _components(ann, q="list_hosts")] == [[]]


async def test_search_finds_all_words_in_any_place(management: Management, ann: httpx.AsyncClient) -> None:
    assert [each["name"] for each in await _components(ann, "/components", q="CMDB list")] == ["list_hosts"]
    assert [each["name"] for each in await _components(ann, q="is it")] == ["ping"]
    assert await _components(ann, "/components", q="list nothing") == []
    assert await _components(ann, q="%") == []
    assert [each["name"] for each in (await ann.get("/v1/catalogue/systems?q=invent")).json()["items"]] == ["cmdb"]
    assert (await ann.get("/v1/catalogue/systems?q=other")).json()["items"] == []
    assert (await ann.get("/v1/catalogue/systems/nowhere/components")).status_code == 404
    assert (await management.anonymous().get("/v1/catalogue/components")).status_code == 401


async def test_scopes_are_told_in_words(ann: httpx.AsyncClient) -> None:
    asked = ["cmdb.list_hosts", "cmdb:write", "nowhere:read"]
    found = (await ann.get("/v1/catalogue/scopes", params={"scope": asked})).json()["items"]
    assert [(each["scope"], each["text"]["en"]) for each in found] == [
        ("cmdb.list_hosts", "Inventory: List hosts"),
        ("cmdb:write", "Change things in Inventory"),
        ("nowhere:read", "nowhere:read: no system asks for this"),
    ]
    assert found[1]["components"] == ["cmdb.create_host"]


def test_words_follow_the_language_and_the_verb() -> None:
    components = [ScopedComponent("reboot", "Reboot", ("dc:power",), {"zh": {"title": "重启"}})]
    assert words_of("dc:power", "数据中心", components).text["zh"] == "在数据中心中执行“power”"
    assert words_of("dc:power", "DC", components).text["zh"] == "在 DC 中执行“power”"
    runs = [ScopedComponent("fast_execute_script", "Run a script", ("job:execute",))]
    assert words_of("job:execute", "Jobs", runs).text == {
        "en": "Run things through Jobs",
        "zh": "通过 Jobs 执行操作",
    }
    assert words_of("dc.reboot", "DC", components).text == {"en": "DC: Reboot", "zh": "DC：重启"}
