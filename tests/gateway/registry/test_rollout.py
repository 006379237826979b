"""What a stage serves: activated, rolled back, tried, promoted; and what it remembers of it."""

from typing import Any

import httpx
import pytest

from gateway.dataplane.usage import UsageCount
from gateway.snapshot.model.systems import Stage
from gateway.usage.recorder import UsageRecorder
from tests.support.management import Management, document

PROD = "/v1/systems/cmdb/stages/prod"


async def releases(management: Management, count: int = 3) -> None:
    """1.0.0, 1.1.0 … with one component more each; the newest is on prod."""
    paths: dict[str, Any] = {}
    for number in range(count):
        assert (await management.import_system(document(**paths))).status_code == 200
        paths[f"/extra{number}"] = {"get": {"operationId": f"extra{number}"}}


def served(management: Management, stage: str = "prod") -> Stage:
    return management.holder.current.systems["cmdb"].stages[stage]


async def post(management: Management, path: str, **body: Any) -> httpx.Response:
    return await management.client.post(f"{PROD}{path}", json=body)


async def test_a_rollback_goes_back_step_by_step_and_says_when_there_is_nothing_more(management: Management) -> None:
    await releases(management)
    back = await post(management, ":rollback", comment="errors")
    assert (back.status_code, back.json()["release"], back.json()["live"]) == (200, "1.1.0", True)
    assert served(management).settings.release == "1.1.0"
    assert (await post(management, ":rollback")).json()["release"] == "1.0.0"
    nothing = await post(management, ":rollback")
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_before")
    assert served(management).settings.release == "1.0.0"
    await post(management, ":activate", release="1.2.0")
    assert (await post(management, ":rollback")).json()["release"] == "1.0.0"


async def test_the_history_says_who_served_what_and_why(management: Management) -> None:
    await releases(management, 2)
    await post(management, ":activate", release="1.0.0", comment="calm")
    await post(management, ":activate", release="1.0.0")
    await post(management, ":rollback", comment="not so calm")
    history = (await management.client.get(f"{PROD}/activations")).json()["items"]
    assert [(each["release"], each["kind"], each["comment"], each["back_to"]) for each in history] == [
        ("1.1.0", "rolled_back", "not so calm", 1),
        ("1.0.0", "activated", "calm", 2),
        ("1.1.0", "activated", "", 1),
        ("1.0.0", "activated", "", None),
    ]
    assert {each["activated_by"] for each in history} == {"admin"}
    page = (await management.client.get(f"{PROD}/activations?limit=3")).json()
    assert len(page["items"]) == 3
    assert page["next"] is not None


async def test_a_canary_is_tried_widened_and_promoted(management: Management) -> None:
    await releases(management, 2)
    await post(management, ":activate", release="1.0.0")
    started = await post(management, "/canary", release="1.1.0", share=5, apps=["shop", "shop"])
    assert (started.status_code, started.json()["live"]) == (201, True)
    canary = served(management).canary
    assert canary is not None
    assert (canary.release, canary.share, canary.apps) == ("1.1.0", 5, {"shop"})
    assert "extra0" in canary.components
    assert "extra0" not in served(management).components
    salt = canary.salt
    assert (await management.client.patch(f"{PROD}/canary", json={"share": 50})).status_code == 200
    canary = served(management).canary
    assert canary is not None
    assert (canary.share, canary.apps, canary.salt) == (50, {"shop"}, salt)
    view = (await management.client.get(PROD)).json()["canary"]
    assert (view["release"], view["share"], view["started_by"]) == ("1.1.0", 50, "admin")
    promoted = await post(management, "/canary:promote")
    assert (promoted.json()["release"], promoted.json()["live"]) == ("1.1.0", True)
    assert (served(management).settings.release, served(management).canary) == ("1.1.0", None)
    assert (await post(management, ":rollback")).json()["release"] == "1.0.0"


async def test_a_canary_that_ends_leaves_the_stage_as_it_was(management: Management) -> None:
    await releases(management, 2)
    await post(management, "/canary", release="1.0.0", share=100)
    ended = await management.client.delete(f"{PROD}/canary")
    assert (ended.status_code, ended.json()["live"]) == (200, True)
    assert (served(management).settings.release, served(management).canary) == ("1.1.0", None)
    for method, path in (("DELETE", "/canary"), ("PATCH", "/canary"), ("POST", "/canary:promote")):
        answer = await management.client.request(method, f"{PROD}{path}", json={})
        assert answer.status_code == 404


async def test_a_canary_shows_how_many_calls_each_release_answered(management: Management) -> None:
    await releases(management, 2)
    await post(management, "/canary", release="1.0.0", share=5)
    counts = [
        UsageCount("cmdb", "prod", release, "list_hosts", "shop", calls, 1)
        for release, calls in (("1.0.0", 4), ("1.1.0", 96))
    ]
    await UsageRecorder(management.kernel.database, management.clock, lambda: counts).record()
    status = (await management.client.get(f"{PROD}/canary")).json()
    assert (status["release"], status["share"]) == ("1.0.0", 5)
    assert status["calls"] == [
        {"release": "1.0.0", "calls": 4, "errors": 1},
        {"release": "1.1.0", "calls": 96, "errors": 1},
    ]


@pytest.mark.parametrize("step", [":rollback", ":activate"])
async def test_after_a_rollback_or_an_activation_one_release_is_served(management: Management, step: str) -> None:
    await releases(management, 3)
    await post(management, "/canary", release="1.0.0", share=10)
    body = {"release": "1.2.0"} if step == ":activate" else {}
    assert (await post(management, step, **body)).json()["live"] is True
    assert served(management).canary is None


async def test_after_an_import_that_is_a_release_one_release_is_served(management: Management) -> None:
    await releases(management, 2)
    await post(management, "/canary", release="1.0.0", share=10)
    await management.import_system(document())
    assert (served(management).settings.release, served(management).canary) == ("1.2.0", None)
    activated = (await management.audit("system", "cmdb"))[-1]
    assert activated.action == "stage.activated"
    assert activated.before is not None
    assert activated.after is not None
    assert (activated.before["canary"], "canary" in activated.after) == ("1.0.0", False)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"release": "1.1.0", "share": 5}, 422),
        ({"release": "9.9.9", "share": 5}, 404),
        ({"release": "1.0.0"}, 422),
        ({"release": "1.0.0", "share": 101}, 422),
        ({"release": "1.0.0", "share": 5, "apps": ["No App"]}, 422),
    ],
)
async def test_a_canary_that_makes_no_sense_is_refused(
    management: Management, body: dict[str, Any], status: int
) -> None:
    await releases(management, 2)
    assert (await post(management, "/canary", **body)).status_code == status
    assert served(management).canary is None


async def test_one_canary_at_a_time(management: Management) -> None:
    await releases(management, 3)
    await post(management, "/canary", release="1.0.0", share=5)
    second = await post(management, "/canary", release="1.1.0", share=5)
    assert (second.status_code, second.json()["code"]) == (409, "canary_exists")


async def test_scopes_of_a_release_on_trial_can_be_applied_for(management: Management) -> None:
    await releases(management, 2)
    await post(management, ":activate", release="1.0.0")
    await management.app_with_secret("shop")
    wish = {"app_code": "shop", "system": "cmdb", "components": ["extra0"]}
    assert (await management.client.post("/v1/grants", json=wish)).status_code != 201
    await post(management, "/canary", release="1.1.0", share=5)
    assert (await management.client.post("/v1/grants", json=wish)).status_code == 201


async def test_only_those_who_manage_the_system_change_what_it_serves(management: Management) -> None:
    await releases(management, 2)
    ann = await management.person("ann")
    for path, body in (
        (":rollback", {}),
        (":activate", {"release": "1.0.0"}),
        ("/canary", {"release": "1.0.0", "share": 5}),
        ("/canary:promote", {}),
    ):
        assert (await ann.post(f"{PROD}{path}", json=body)).status_code == 403
    assert (await ann.get(f"{PROD}/activations")).status_code == 200


async def test_every_step_is_in_the_audit_log(management: Management) -> None:
    await releases(management, 2)
    await post(management, "/canary", release="1.0.0", share=5)
    await management.client.patch(f"{PROD}/canary", json={"apps": ["shop"]})
    await management.client.patch(f"{PROD}/canary", json={"apps": ["shop"]})
    await post(management, ":rollback")
    found = await management.audit("system", "cmdb")
    changes = [(each.action, each.before, each.after) for each in found[-3:]]
    assert changes == [
        (
            "canary.started",
            None,
            {"stage": "prod", "release": "1.1.0", "canary": {"release": "1.0.0", "share": 5, "apps": []}},
        ),
        (
            "canary.changed",
            {"stage": "prod", "release": "1.1.0", "canary": {"release": "1.0.0", "share": 5, "apps": []}},
            {"stage": "prod", "release": "1.1.0", "canary": {"release": "1.0.0", "share": 5, "apps": ["shop"]}},
        ),
        (
            "stage.rolled_back",
            {"stage": "prod", "release": "1.1.0", "canary": "1.0.0"},
            {"stage": "prod", "release": "1.0.0"},
        ),
    ]
