"""Who is given what by BlueKing's registration API, and who may apply for it."""

import json

from tests.support.management import Management
from tests.support.registration import OPEN, RESOURCES, STAGE, SYNC, App, released


async def test_a_grant_is_given_by_a_related_app_and_holds_at_once(management: Management, shop: App) -> None:
    await released(shop)
    await management.app_with_secret("caller")
    wanted = {"target_app_code": "caller", "grant_dimension": "resource", "resource_names": ["get_item"]}
    assert (await shop.post(f"{SYNC}/permissions/grant/", wanted)).status_code == 201
    app = management.holder.current.apps["caller"]
    now = management.clock.now().timestamp()
    assert app.may_call("bk-shop", "bk-shop.get_item", now)
    assert not app.may_call("bk-shop", "bk-shop.add_item", now)
    assert (await shop.post(f"{SYNC}/permissions/grant/", wanted | {"expire_days": 1})).status_code == 201
    for wrong in (
        {"target_app_code": "nobody"},
        wanted | {"resource_names": ["nothing"]},
        wanted | {"resource_names": []},
    ):
        assert (await shop.post(f"{SYNC}/permissions/grant/", wrong)).status_code in {400, 404}


async def test_a_grant_of_one_component_approves_nothing_wider_that_was_applied_for(
    management: Management, shop: App
) -> None:
    await released(shop)
    caller = App(management, "caller", await management.app_with_secret("caller"))
    await caller.data(f"{OPEN}/permissions/apply/", {"target_app_code": "caller"})
    wanted = {"target_app_code": "caller", "grant_dimension": "resource", "resource_names": ["get_item"]}
    assert (await shop.post(f"{SYNC}/permissions/grant/", wanted)).status_code == 201
    app = management.holder.current.apps["caller"]
    now = management.clock.now().timestamp()
    assert app.may_call("bk-shop", "bk-shop.get_item", now)
    assert not app.may_call("bk-shop", "bk-shop.add_item", now)


async def test_what_nobody_may_apply_for_is_only_given(management: Management, shop: App) -> None:
    document = json.loads(RESOURCES)
    document["paths"]["/items/"]["post"]["x-bk-apigateway-resource"] = {"allowApplyPermission": False}
    await shop.data(f"{SYNC}/stages/", STAGE)
    await shop.data(f"{SYNC}/resources/", {"content": json.dumps(document)})
    await shop.data(f"{SYNC}/resource_versions/", {"version": "1.0.0"})
    await shop.data(f"{SYNC}/resource_versions/release/", {"version": "1.0.0"})
    caller = App(management, "caller", await management.app_with_secret("caller"))
    wanted = {"target_app_code": "caller", "grant_dimension": "resource", "resource_names": ["add_item"]}
    refused = await caller.post(f"{OPEN}/permissions/apply/", wanted)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "NO_PERMISSION")
    assert (await shop.post(f"{SYNC}/permissions/grant/", wanted)).status_code == 201


async def test_an_app_applies_for_itself_alone(management: Management, shop: App) -> None:
    caller = App(management, "caller", await management.app_with_secret("caller"))
    applied = await caller.data(f"{OPEN}/permissions/apply/", {"target_app_code": "caller", "reason": "x"})
    assert isinstance(applied["record_id"], int)
    (grant,) = (await management.client.get("/v1/grants", params={"app_code": "caller"})).json()["items"]
    assert (grant["state"], grant["days"]) == ("applied", 180)
    refused = await caller.post(f"{OPEN}/permissions/apply/", {"target_app_code": "bk-shop"})
    assert refused.status_code == 403


async def test_a_person_of_an_apps_name_applies_for_nothing_in_its_place(management: Management, shop: App) -> None:
    await management.app_with_secret("caller")
    person = await management.person("caller")
    token = (await person.post("/v1/api-tokens", json={"name": "mine"})).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    answer = await management.anonymous().post(
        f"{OPEN}/permissions/apply/", json={"target_app_code": "caller"}, headers=headers
    )
    assert answer.status_code == 403
    assert (await management.client.get("/v1/grants", params={"app_code": "caller"})).json()["items"] == []
