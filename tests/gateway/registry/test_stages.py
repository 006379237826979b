from typing import Any

import pytest

from tests.support.management import Management, document

STAGES = "/v1/systems/cmdb/stages"


async def test_a_stage_is_made_like_prod_and_serves_at_once(management: Management) -> None:
    await management.import_system(document(), envelope=True)
    made = await management.client.post(STAGES, json={"name": "test", "variables": {"area": "eu"}})
    assert (made.status_code, made.json()["live"]) == (201, True)
    view = made.json()["stage"]
    assert (view["name"], view["release"], view["envelope"], view["variables"]) == (
        "test", "1.0.0", True, {"area": "eu"},
    )  # fmt: skip
    prod, test = (management.holder.current.systems["cmdb"].stages[name] for name in ("prod", "test"))
    assert test.settings.signing == prod.settings.signing
    assert set(test.components) == set(prod.components)
    assert (await management.client.get(f"{STAGES}/test")).json() == view
    assert [each["name"] for each in (await management.client.get(STAGES)).json()["items"]] == ["prod", "test"]


async def test_a_stage_takes_another_stages_upstreams_unless_it_has_an_address_of_its_own(
    management: Management,
) -> None:
    await management.import_system(document())
    upstream = {"targets": [{"url": "http://127.0.0.1:9099/a"}]}
    assert (await management.client.put(f"{STAGES}/prod/upstreams/other", json=upstream)).status_code == 200
    await management.client.post(STAGES, json={"name": "test"})
    names = [each["name"] for each in (await management.client.get(f"{STAGES}/test/upstreams")).json()["items"]]
    assert names == ["default", "other"]
    own = await management.client.post(STAGES, json={"name": "mine", "upstream_url": "http://127.0.0.1:9099/mine/"})
    assert own.json()["stage"]["upstream_url"] == "http://127.0.0.1:9099/mine"
    names = [each["name"] for each in (await management.client.get(f"{STAGES}/mine/upstreams")).json()["items"]]
    assert names == ["default"]


async def test_a_stage_takes_another_stages_policies_and_takes_its_own_with_it(management: Management) -> None:
    await management.import_system(document())
    limits = [{"kind": "body-limit", "config": {"max_bytes": 10}}]
    assert (await management.client.put(f"{STAGES}/prod/policies", json={"policies": limits})).status_code == 200
    for expected in (limits, []):
        await management.client.post(STAGES, json={"name": "test"})
        assert (await management.client.get(f"{STAGES}/test/policies")).json()["policies"] == expected
        await management.client.delete(f"{STAGES}/test")
        await management.client.put(f"{STAGES}/prod/policies", json={"policies": []})


async def test_a_stage_changes_by_itself_and_an_equal_change_is_none(management: Management) -> None:
    await management.import_system(document())
    change = {"variables": {"area": "eu"}, "validate_requests": False}
    first = (await management.client.patch(f"{STAGES}/prod", json=change)).json()
    settings = management.holder.current.systems["cmdb"].stages["prod"].settings
    assert (settings.variables, settings.validate_requests) == ({"area": "eu"}, False)
    again = (await management.client.patch(f"{STAGES}/prod", json=change)).json()
    assert (first["live"], again["revision"]) == (True, first["revision"])


async def test_a_removed_stage_is_gone_and_prod_stays(management: Management) -> None:
    await management.import_system(document())
    await management.client.post(STAGES, json={"name": "test"})
    assert (await management.client.delete(f"{STAGES}/test")).json()["live"] is True
    assert set(management.holder.current.systems["cmdb"].stages) == {"prod"}
    assert (await management.client.get(f"{STAGES}/test")).status_code == 404
    kept = await management.client.delete(f"{STAGES}/prod")
    assert (kept.status_code, kept.json()["code"]) == (409, "stage_protected")
    again = await management.client.post(STAGES, json={"name": "test"})
    assert again.status_code == 201
    history = (await management.client.get(f"{STAGES}/test/activations")).json()["items"]
    assert [(each["number"], each["back_to"]) for each in history] == [(1, None)]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "prod"}, 409),
        ({"name": "te st"}, 422),
        ({"name": "test", "like": "none"}, 404),
        ({"name": "test", "release": "9.0.0"}, 404),
        ({"name": "test", "upstream_url": "http://10.0.0.1/"}, 422),
        ({"name": "test", "variables": {"bad name": "x"}}, 422),
        ({"name": "test", "variables": {"a": "x\n"}}, 422),
        ({"name": "test", "colour": "red"}, 422),
    ],
)
async def test_a_stage_that_cannot_be_is_refused(management: Management, body: dict[str, Any], status: int) -> None:
    await management.import_system(document())
    assert (await management.client.post(STAGES, json=body)).status_code == status
    assert set(management.holder.current.systems["cmdb"].stages) == {"prod"}


async def test_only_those_who_manage_the_system_change_its_stages(management: Management) -> None:
    await management.import_system(document())
    ann = await management.person("ann")
    assert (await ann.post(STAGES, json={"name": "test"})).status_code == 403
    assert (await ann.patch(f"{STAGES}/prod", json={"envelope": True})).status_code == 403
    assert (await ann.delete(f"{STAGES}/prod")).status_code == 403
    assert (await ann.get(STAGES)).status_code == 200


async def test_stages_are_on_record_with_before_and_after(management: Management) -> None:
    await management.import_system(document())
    await management.client.post(STAGES, json={"name": "test"})
    await management.client.patch(f"{STAGES}/test", json={"envelope": True})
    await management.client.delete(f"{STAGES}/test")
    found = await management.audit("system", "cmdb")
    url = "http://127.0.0.1:9099/cmdb"
    assert [(each.action, each.before, each.after) for each in found[-3:]] == [
        ("stage.created", None, {"stage": "test", "release": "1.0.0", "upstream_url": url}),
        ("stage.changed", {"stage": "test", "envelope": False}, {"stage": "test", "envelope": True}),
        ("stage.removed", {"stage": "test", "release": "1.0.0"}, None),
    ]
