"""BlueKing's registration API, operation by operation, on each database."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from tests.support.management import Management
from tests.support.registration import RESOURCES, STAGE, SYNC, V1, App, released


def routes(management: Management) -> set[str]:
    stages = management.holder.current.systems["bk-shop"].stages
    return {name for stage in stages.values() for name in stage.components}


async def test_the_first_call_makes_the_gateway_for_the_apps_owner(management: Management, shop: App) -> None:
    system = (await management.client.get("/v1/systems/bk-shop")).json()
    assert (system["owner"], system["description"], system["stages"]) == ("admin", "A shop", [])
    related = (await management.client.get("/v1/systems/bk-shop/related-apps")).json()["items"]
    assert [each["app_code"] for each in related] == ["bk-shop"]
    await shop.data(f"{SYNC}/", {"description": "A better shop"})
    assert (await management.client.get("/v1/systems/bk-shop")).json()["description"] == "A better shop"


async def test_an_owner_who_may_not_register_systems_gets_no_gateway(management: Management) -> None:
    ann = await management.person("ann")
    secret = (await ann.post("/v1/apps", json={"app_code": "anns", "name": "x"})).json()["app_secret"]
    refused = await App(management, "anns", secret).post(f"{SYNC}/", {})
    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "NO_PERMISSION"
    assert (await management.client.get("/v1/systems/bk-shop")).status_code == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/", {}),
        ("/stages/", STAGE),
        ("/resources/", {"content": RESOURCES}),
        ("/resource_versions/", {"version": "1.0.0"}),
        ("/resource_versions/release/", {"version": "1.0.0"}),
        ("/related-apps/", {"related_app_codes": ["other"]}),
        ("/permissions/grant/", {"target_app_code": "other"}),
        ("/stages/prod/mcp-servers/", {"mcp_servers": []}),
    ],
)
async def test_an_app_that_is_not_related_changes_nothing(
    management: Management, shop: App, path: str, body: dict[str, Any]
) -> None:
    other = App(management, "other", await management.app_with_secret("other"))
    refused = await other.post(SYNC + path, body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "NO_PERMISSION")
    assert "not related" in refused.json()["error"]["message"]


async def test_a_related_app_may_do_what_the_maker_may_until_it_is_removed(management: Management, shop: App) -> None:
    other = App(management, "other", await management.app_with_secret("other"))
    assert (await shop.post(f"{SYNC}/related-apps/", {"related_app_codes": ["other"]})).status_code == 201
    assert (await other.post(f"{SYNC}/", {})).status_code == 200
    assert (await management.client.delete("/v1/systems/bk-shop/related-apps/other")).status_code == 204
    assert (await other.post(f"{SYNC}/", {})).status_code == 403
    assert (await management.client.put("/v1/systems/bk-shop/related-apps/other")).status_code == 204
    assert (await other.post(f"{SYNC}/", {})).status_code == 200


async def test_one_app_may_be_related_by_several_at_once(management: Management, shop: App) -> None:
    await management.app_with_secret("helper")
    related = await asyncio.gather(
        shop.post(f"{SYNC}/related-apps/", {"related_app_codes": ["helper"]}),
        *(management.client.put("/v1/systems/bk-shop/related-apps/helper") for _ in range(3)),
    )
    assert [each.status_code for each in related] == [201, 204, 204, 204]
    listed = (await management.client.get("/v1/systems/bk-shop/related-apps")).json()["items"]
    assert sorted(each["app_code"] for each in listed) == ["bk-shop", "helper"]


async def test_a_code_nobody_has_cannot_be_related(shop: App) -> None:
    refused = await shop.post(f"{SYNC}/related-apps/", {"related_app_codes": ["nobody"]})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    "header",
    [None, "{", "{}", '{"bk_app_code": "bk-shop", "bk_app_secret": "wrong"}', '{"access_token": "token"}'],
)
async def test_without_the_apps_secret_nobody_is_let_in(management: Management, shop: App, header: str | None) -> None:
    del shop.client.headers["X-Bkapi-Authorization"]
    headers = {"X-Bkapi-Authorization": header} if header is not None else {}
    refused = await shop.post(f"{SYNC}/", {"description": "taken"}, headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "UNAUTHENTICATED")
    assert (await management.client.get("/v1/systems/bk-shop")).json()["description"] == "A shop"


async def test_a_person_with_an_api_token_may_call_it_too(management: Management) -> None:
    answer = await management.client.post(f"{SYNC}/", json={"description": "by hand"})
    assert answer.json()["data"]["name"] == "bk-shop"


async def test_a_released_version_is_served_as_its_stage_says(management: Management, shop: App) -> None:
    await released(shop)
    stage = management.holder.current.systems["bk-shop"].stages["prod"]
    assert (stage.settings.release, stage.settings.signing.profile) == ("1.0.0", "jwt")
    assert stage.settings.variables == {"area": "eu"}
    assert set(stage.components) == {"get_item", "add_item"}
    latest = (await shop.client.get(f"{SYNC}/resource_versions/latest")).json()["data"]
    listed = (await shop.client.get(f"{SYNC}/resource_versions/", params={"version": "1.0.0"})).json()["data"]
    assert latest == {"version": "1.0.0"}
    assert listed == {"count": 1, "results": [{"version": "1.0.0", "comment": "first"}]}


async def test_a_stage_serves_nothing_before_a_version_is_released(management: Management, shop: App) -> None:
    await shop.data(f"{SYNC}/stages/", STAGE)
    await shop.data(f"{SYNC}/resources/", {"content": RESOURCES})
    assert routes(management) == set()
    assert (await shop.client.get(f"{SYNC}/resource_versions/latest/")).json()["data"] == {}


async def test_resources_tell_what_became_of_them(shop: App) -> None:
    first = await shop.data(f"{SYNC}/resources/", {"content": RESOURCES})
    assert [len(first[group]) for group in ("added", "updated", "deleted")] == [2, 0, 0]
    document = json.loads(RESOURCES)
    del document["paths"]["/items/"]
    kept = await shop.data(f"{SYNC}/resources/", {"content": json.dumps(document)})
    assert [each["name"] for each in kept["updated"]] == ["get_item"]
    gone = await shop.data(f"{SYNC}/resources/", {"content": json.dumps(document), "delete": True})
    assert [each["name"] for each in gone["deleted"]] == ["add_item"]


@pytest.mark.parametrize("content", ["{", "a: [", "swagger: '2.0'\npaths: 7", "&a [*a]", "x" * 10])
async def test_resources_that_cannot_be_read_are_refused(shop: App, content: str) -> None:
    refused = await shop.post(f"{SYNC}/resources/", {"content": content})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "INVALID_ARGUMENT")


async def test_a_version_is_made_once_and_builds_of_it_beside_it(management: Management, shop: App) -> None:
    await released(shop)
    again = await shop.post(f"{SYNC}/resource_versions/", {"version": "1.0.0"})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "CONFLICT")
    await released(shop, "1.0.0+20260102030405")
    assert management.holder.current.systems["bk-shop"].stages["prod"].settings.release == "1.0.0+20260102030405"
    document = json.loads(RESOURCES)
    document["paths"]["/items/"]["post"]["summary"] = "changed"
    await shop.data(f"{SYNC}/resources/", {"content": json.dumps(document)})
    made = await management.client.post("/v1/systems/bk-shop/releases", json={"bump": "minor"})
    assert made.json()["version"] == "1.1.0", made.text  # builds don't confuse how releases are numbered elsewhere
    release = await management.client.get("/v1/systems/bk-shop/releases/1.0.0+20260102030405")
    assert release.status_code == 200
    await released(shop, "0.9.0")
    await management.client.patch("/v1/systems/bk-shop/draft/components/add_item", json={"title": "Add an item"})
    taken = await management.client.post("/v1/systems/bk-shop/releases", json={"version": "1.0.0"})
    assert (taken.status_code, taken.json()["code"]) == (409, "version_exists")


async def test_a_system_with_builds_comes_back_from_its_export(management: Management, shop: App) -> None:
    await released(shop, "1.0.0+20260102030405")
    written = (await management.client.get("/v1/systems/bk-shop/export")).json()
    assert written["stages"][0]["release"] == "1.0.0+20260102030405"
    applied = await management.client.post("/v1/systems/bk-shop:apply", json=written)
    assert applied.status_code == 200, applied.text
    assert applied.json()["changes"] == []
    written["stages"][0]["release"] = "1.0.1+1"
    refused = await management.client.post("/v1/systems/bk-shop:apply", json=written)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "stages")
    listed = await management.client.get("/v1/systems/bk-shop/components", params={"release": "1.0.0+20260102030405"})
    assert [each["name"] for each in listed.json()["items"]] == ["get_item", "add_item"]


async def test_a_release_to_a_stage_that_is_not_there_changes_none(management: Management, shop: App) -> None:
    await released(shop)
    await shop.data(f"{SYNC}/resource_versions/", {"version": "2.0.0"})
    wanted = {"version": "2.0.0", "stage_names": ["prod", "test"]}
    refused = await shop.post(f"{SYNC}/resource_versions/release/", wanted)
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "NOT_FOUND")
    assert management.holder.current.systems["bk-shop"].stages["prod"].settings.release == "1.0.0"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (
            {"backends": [{"name": "default", "config": {"hosts": [{"host": "http://127.0.0.1:1"}]}}]},
            "backends.default",
        ),
        ({"backends": [{"name": "default", "config": {"hosts": [{"host": "ftp://x"}]}}]}, "backends/0/config/hosts/0"),
        ({"plugin_configs": [{"type": "bk-nothing", "yaml": "{}"}]}, "plugin_configs/0"),
        ({"plugin_configs": [{"type": "bk-rate-limit", "yaml": "rates: 7"}]}, "plugin_configs/0"),
        ({"name": "no stage"}, "name"),
        ({"backends": []}, "backends"),
    ],
)
async def test_a_stage_that_cannot_be_set_up_is_refused_by_place(
    management: Management, shop: App, change: dict[str, Any], named: str
) -> None:
    refused = await shop.post(f"{SYNC}/stages/", STAGE | change)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "INVALID_ARGUMENT")
    assert named in refused.json()["error"]["message"]
    assert management.holder.current.systems["bk-shop"].stages == {}


async def test_plugins_become_policies_of_the_stage(management: Management, shop: App) -> None:
    plugin = {"type": "bk-rate-limit", "yaml": "rates: {__default: [{period: 60, tokens: 100}]}"}
    await shop.data(f"{SYNC}/stages/", STAGE | {"plugin_configs": [plugin]})
    found = (await management.client.get("/v1/systems/bk-shop/stages/prod/policies")).json()
    assert [each["kind"] for each in found["policies"]] == ["rate-limit"]
    await shop.data(f"{SYNC}/stages/", STAGE)
    assert (await management.client.get("/v1/systems/bk-shop/stages/prod/policies")).json()["policies"] != []


async def test_the_public_key_is_the_one_that_signs(management: Management, shop: App) -> None:
    await released(shop)
    told = (await shop.client.get(f"{SYNC}/public_key/")).json()["data"]
    assert told["issuer"] == "APIGW"
    assert told["public_key"].startswith("-----BEGIN PUBLIC KEY-----")
    for name in ("bk-esb", "apigw"):
        esb = (await shop.client.get(SYNC.replace("bk-shop", name) + "/public_key/")).json()["data"]
        assert esb["public_key"] not in ("", told["public_key"])
    signing = management.holder.current.systems["bk-shop"].stages["prod"].settings.signing
    assert (signing.key_id, signing.issuer, signing.esb_secret != b"") == ("bk-shop", "APIGW", True)


async def test_the_next_key_of_the_esbs_addresses_is_told_under_its_own_name_before_it_signs(
    management: Management, shop: App
) -> None:
    await released(shop)

    async def told(name: str) -> Any:
        answer = await shop.client.get(SYNC.replace("bk-shop", name) + "/public_key/")
        return answer.json()["data"]["public_key"] if answer.is_success else answer.status_code

    first = await told("apigw")
    moment = management.clock.now() + timedelta(hours=1)
    body = {"profile": "jwt", "signs_from": moment.isoformat()}
    made = await management.client.post("/v1/systems/apigw/keys:rotate", json=body)
    following = made.json()["key"]["public_key"]
    assert [await told(name) for name in ("apigw", "bk-esb", "apigw-2", "apigw-3")] == [first, first, following, 404]
    management.clock.advance(hours=2)
    await management.unit.services.key_rotation.switch_due(management.kernel.database)
    assert [await told(name) for name in ("apigw", "bk-esb", "apigw-2")] == [following] * 3


async def test_names_that_stand_for_something_else_are_not_registered(shop: App) -> None:
    for name in ("apigw", "apigw-2", "bk-esb", "bk-apigateway", "c"):
        refused = await shop.post(SYNC.replace("bk-shop", name) + "/", {})
        assert refused.status_code in {400, 404}, name


async def test_mcp_servers_name_components_the_stage_serves(shop: App) -> None:
    await released(shop)
    server = {"name": "tools", "description": "d", "status": 1, "resource_names": ["get_item"]}
    for action in ("create", "update"):
        (synced,) = await shop.data(f"{SYNC}/stages/prod/mcp-servers/", {"name": "prod", "mcp_servers": [server]})
        assert (synced["name"], synced["action"]) == ("tools", action)
    refused = await shop.post(
        f"{SYNC}/stages/prod/mcp-servers/", {"mcp_servers": [server | {"resource_names": ["nothing"]}]}
    )
    assert refused.status_code == 400


async def test_sdks_are_refused_in_words(shop: App) -> None:
    refused = await shop.post(f"{SYNC}/sdks/", {"resource_version": "1.0.0"})
    assert "OpenAPI" in refused.json()["error"]["message"]


async def test_the_first_version_answers_in_its_own_envelope(management: Management, shop: App) -> None:
    made = (await shop.post(f"{V1}/sync/", {"description": "x"})).json()
    assert (made["result"], made["code"], made["data"]["name"]) == (True, 0, "bk-shop")
    await shop.post(f"{V1}/stages/sync/", STAGE)
    assert (await shop.post(f"{V1}/resources/sync/", {"content": RESOURCES})).json()["result"] is True
    other = App(management, "other", await management.app_with_secret("other"))
    refused = await other.post(f"{V1}/stages/sync/", STAGE)
    assert (refused.status_code, refused.json()["result"], refused.json()["code"]) == (403, False, 40403)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"version": 7}', b'{"version": "one"}', b"\xff"])
async def test_a_body_that_cannot_be_read_is_a_wrong_argument(shop: App, body: bytes) -> None:
    answer = await shop.client.post(
        f"{SYNC}/resource_versions/", content=body, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize("path", ["/api/v2/sync/gateways/bk-shop/nothing/", "/x", "/api/v1/apis/"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_an_address_that_is_none_is_told_as_a_gateway_tells_it(
    management: Management, path: str, method: str
) -> None:
    answer = await management.anonymous().request(method, f"/api/bk-apigateway/prod{path}")
    assert (answer.status_code, answer.headers["x-bkapi-error-code"]) == (404, "1640401")
    assert answer.json()["code_name"] == "API_NOT_FOUND"
