"""Following another installation: what is taken, what is refused, and what comes after."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kernel.clock import ManualClock
from marketplace.mirrors.rounds import rewound
from marketplace.mirrors.schemas import PluginChange
from marketplace.mirrors.taking import VersionTaker
from marketplace.package.signatures import public_half
from tests.marketplace.mirrors.conftest import Mirroring
from tests.support.marketplace import as_user
from tests.support.packages import FIND_HOST, RUN_SCRIPT, archive_of, manifest_of

WORDS = {"en": "Leaks", "zh": "泄漏"}
MORE_SCOPES = [*FIND_HOST["scopes"], {"scope": "cmdb.list_hosts", "reason": {"en": "More.", "zh": "更多。"}}]


async def _catalogue(mirroring: Mirroring, code: str = "find_host") -> Any:
    return (await mirroring.here.client.get(f"/plugins/{code}")).json()


async def test_a_catalogue_is_followed_byte_for_byte_and_only_what_changed_is_fetched_again(
    mirroring: Mirroring,
) -> None:
    origin = mirroring.origin.house
    await origin.publish(FIND_HOST, "alice")
    await origin.publish(manifest_of(RUN_SCRIPT, publisher="bobs"), "bob")
    mirror = await mirroring.follow()
    assert (mirror["problem"], mirror["versions"]["taken"]) == ("", 2)
    assert (mirror["has_token"], "token" in mirror) == (True, False)
    taken = await mirroring.here.client.get("/plugins/find_host/versions/1.0.0/package")
    assert taken.content == archive_of(FIND_HOST)
    assert (await _catalogue(mirroring))["versions"][0]["published_by"] == "mirror:hub"
    assert mirroring.origin.packages == 2
    await origin.publish(manifest_of(FIND_HOST, version="1.0.1"), "alice")
    assert (await mirroring.round())["versions"]["taken"] == 3
    assert (await mirroring.round(asked=True))["versions"]["taken"] == 3
    assert mirroring.origin.packages == 3, "nothing is fetched twice"
    assert (await _catalogue(mirroring))["latest_version"] == "1.0.1"


async def test_only_what_is_chosen_is_followed(mirroring: Mirroring) -> None:
    origin = mirroring.origin.house
    await origin.publish(FIND_HOST, "alice")
    await origin.publish(manifest_of(FIND_HOST, code="other_host"), "alice")
    await origin.publish(manifest_of(RUN_SCRIPT, publisher="bobs"), "bob")
    await origin.client.put("/plugins/other_host/versions/1.0.0/channel", json={"channel": "beta"})
    await mirroring.follow(publishers=["acme"], channels=["stable"])
    assert set(await mirroring.versions()) == {"find_host 1.0.0"}
    await mirroring.follow(plugins=["run_*"])
    assert set(await mirroring.versions()) == {"find_host 1.0.0", "run_script 1.0.0"}


async def test_a_yank_follows_wherever_the_channel_of_what_was_taken_is_now(mirroring: Mirroring) -> None:
    origin = mirroring.origin.house
    await origin.publish(FIND_HOST, "alice")
    await mirroring.follow(channels=["stable"])
    await origin.client.put("/plugins/find_host/versions/1.0.0/channel", json={"channel": "beta"})
    await origin.client.put("/plugins/find_host/versions/1.0.0/yank", json={"message": "it loses hosts"})
    await mirroring.round()
    (version,) = (await _catalogue(mirroring))["versions"]
    assert (version["channel"], version["yank_message"]) == ("beta", "it loses hosts")


async def test_what_can_not_be_said_of_a_plugin_here_stops_no_other(mirroring: Mirroring) -> None:
    origin = mirroring.origin.house
    await origin.publish(manifest_of(FIND_HOST, version="1.0.0-rc.1"), "alice")
    await mirroring.follow()
    changes = (await origin.client.get("/plugin-changes")).json()
    changes["items"][0]["channel"] = "stable"
    mirroring.origin.instead["/v1/plugin-changes"] = (200, "application/json", json.dumps(changes).encode())
    assert (await mirroring.round())["problem"] == ""
    assert (await _catalogue(mirroring))["versions"][0]["channel"] == "beta"


@pytest.mark.parametrize("unsayable", ["yank", "deprecation", "advisory", "range", "advisory id", "withdrawal"])
async def test_what_nobody_here_could_say_is_not_taken_and_stops_nothing(mirroring: Mirroring, unsayable: str) -> None:
    origin = mirroring.origin.house
    await origin.publish(FIND_HOST, "alice")
    advisory = {"severity": "high", "affected": "<=1.0.0", "title": WORDS, "text": WORDS}
    made = (await origin.client.post("/plugins/find_host/advisories", json=advisory)).json()
    await mirroring.follow()
    changes = (await origin.client.get("/plugin-changes")).json()
    match unsayable:
        case "yank":
            changes["items"][0]["yank_message"] = "gone\x00"
        case "deprecation":
            changes["items"][0]["deprecation"] = {"message": "x" * 5000, "ends_on": None, "replacement": None}
        case "advisory":
            made |= {"id": "a" * 32, "affected": "<=1.0.0" + " " * 500}
        case "range":
            made |= {"id": "b" * 32, "affected": "~1"}
        case "advisory id":
            made["id"] = "\x00" * 200
        case _:
            made |= {"withdrawn_at": made["published_at"], "withdrawn_reason": "x" * 5000}
    mirroring.origin.instead["/v1/plugin-changes"] = (200, "application/json", json.dumps(changes).encode())
    listed = json.dumps({"items": [made], "next": None}).encode()
    mirroring.origin.instead["/v1/advisories"] = (200, "application/json", listed)
    assert (await mirroring.round())["problem"] == ""
    found = await _catalogue(mirroring)
    assert (found["deprecation"], found["versions"][0]["yank_message"]) == (None, None)
    assert [each["withdrawn_at"] for each in (await mirroring.here.client.get("/advisories")).json()["items"]] == [None]


async def test_a_token_is_told_to_no_other_server(mirroring: Mirroring) -> None:
    await mirroring.follow()
    put = mirroring.here.client.put
    elsewhere = {"url": "https://93.184.215.14"}
    refused = await put("/plugin-mirrors/hub", json=elsewhere)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "token")
    assert (await put("/plugin-mirrors/hub", json={"url": f"{mirroring.origin.url}/"})).json()["has_token"] is True
    assert (await put("/plugin-mirrors/hub", json={**elsewhere, "token": None})).json()["has_token"] is False


@pytest.mark.parametrize("asks", ["sync", "put"])
async def test_a_round_that_is_asked_for_while_one_is_made_is_made_too(
    mirroring: Mirroring, clock: ManualClock, asks: str
) -> None:
    here, origin = mirroring.here, mirroring.origin.house
    await origin.publish(FIND_HOST, "alice")
    await origin.publish(manifest_of(RUN_SCRIPT, publisher="bobs"), "bob")
    body = {"url": mirroring.origin.url, "token": "viewer", "publishers": ["acme"]}
    await here.client.put("/plugin-mirrors/hub", json=body)
    take = VersionTaker.take

    async def slowly(taker: VersionTaker, change: PluginChange) -> str:
        if mirroring.origin.packages == 0:
            clock.advance(seconds=1)
            if asks == "put":
                await here.client.put("/plugin-mirrors/hub", json={**body, "publishers": []})
            else:
                await here.client.post("/plugin-mirrors/hub:sync")
        return await take(taker, change)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(VersionTaker, "take", slowly)
        assert await here.unit.mirror_rounds.run_due()
    asked = len(mirroring.origin.asked)
    assert await here.unit.mirror_rounds.run_due(), "it is due still"
    assert mirroring.origin.asked[asked].startswith("/v1/plugin-changes?limit=200"), "and begins anew"
    assert "after=" not in mirroring.origin.asked[asked]
    wanted = {"find_host 1.0.0"} | ({"run_script 1.0.0"} if asks == "put" else set())
    assert set(await mirroring.versions()) == wanted
    assert not await here.unit.mirror_rounds.run_due()


async def test_yanks_deprecations_channels_and_advisories_follow(mirroring: Mirroring) -> None:
    origin, here = mirroring.origin.house.client, mirroring.here.client
    await mirroring.origin.house.publish(FIND_HOST, "alice")
    await mirroring.origin.house.publish(manifest_of(FIND_HOST, version="1.0.1"), "alice")
    await mirroring.follow()
    await origin.put("/plugins/find_host/versions/1.0.0/yank", json={"message": "it loses hosts"})
    await origin.put("/plugins/find_host/versions/1.0.1/channel", json={"channel": "beta"})
    await origin.put("/plugins/find_host/deprecation", json={"message": "no longer kept", "ends_on": "2027-01-31"})
    advisory = {"severity": "high", "affected": "<=1.0.0", "title": WORDS, "text": WORDS}
    made = (await origin.post("/plugins/find_host/advisories", json=advisory)).json()
    await mirroring.round()
    found = await _catalogue(mirroring)
    new, old = found["versions"]
    assert (old["yank_message"], new["channel"]) == ("it loses hosts", "beta")
    assert (found["deprecation"]["message"], found["deprecation"]["ends_on"]) == ("no longer kept", "2027-01-31")
    assert [each["severity"] for each in old["advisories"]] == ["high"]
    await origin.put(f"/advisories/{made['id']}", json={**advisory, "severity": "low"})
    await mirroring.round()
    assert [each["severity"] for each in (await _catalogue(mirroring))["versions"][1]["advisories"]] == ["low"]
    await origin.post(f"/advisories/{made['id']}:withdraw", json={"reason": "a mistake"})
    await origin.delete("/plugins/find_host/deprecation")
    await origin.delete("/plugins/find_host/versions/1.0.0/yank")
    await mirroring.round()
    found = await _catalogue(mirroring)
    assert (found["deprecation"], found["versions"][1]["yank_message"]) == (None, None)
    (kept,) = (await here.get("/advisories")).json()["items"]
    assert (kept["withdrawn_reason"], kept["published_by"]) == ("a mistake", "mirror:hub")


async def test_a_package_that_fails_a_check_here_is_refused_with_the_reason_and_the_rest_is_taken(
    mirroring: Mirroring,
) -> None:
    origin = mirroring.origin.house
    await origin.publish(FIND_HOST, "alice")
    await origin.publish(RUN_SCRIPT, "alice")
    here = mirroring.here
    job = [found for found in here.components.components if found.system == "job"]
    here.components.components = [found for found in here.components.components if found.system != "job"]
    mirror = await mirroring.follow()
    assert (mirror["versions"]["taken"], mirror["versions"]["refused"], mirror["problem"]) == (1, 1, "")
    assert "job.execute is registered nowhere" in (await mirroring.versions())["run_script 1.0.0"][1]
    here.components.components += job
    assert (await mirroring.round(asked=True))["versions"]["taken"] == 2, "asked for, it is tried again"


async def test_names_of_people_here_are_never_a_mirrors(mirroring: Mirroring) -> None:
    here, origin = mirroring.here, mirroring.origin.house
    await here.publish(FIND_HOST, "alice")
    await origin.publish(manifest_of(FIND_HOST, version="1.0.1"), "alice")
    await origin.publish(manifest_of(RUN_SCRIPT, code="find_h0st", publisher="bobs"))
    await mirroring.follow()
    found = await mirroring.versions()
    assert "belongs to alice" in found["find_host 1.0.1"][1]
    assert "may be taken for find_host" in found["find_h0st 1.0.0"][1]
    assert [each["version"] for each in (await _catalogue(mirroring))["versions"]] == ["1.0.0"]


async def test_standing_of_what_was_here_before_is_not_the_mirrors(mirroring: Mirroring) -> None:
    await mirroring.here.publish(FIND_HOST, "alice")
    await mirroring.origin.house.publish(FIND_HOST, "alice")
    await mirroring.origin.house.client.put("/plugins/find_host/versions/1.0.0/yank", json={"message": "gone"})
    await mirroring.follow()
    assert (await mirroring.versions())["find_host 1.0.0"] == ("present", "")
    assert (await _catalogue(mirroring))["versions"][0]["yank_message"] is None


async def test_what_asks_for_more_waits_for_a_person_here(mirroring: Mirroring) -> None:
    await mirroring.origin.house.publish(FIND_HOST, "alice")
    await mirroring.origin.house.publish(manifest_of(FIND_HOST, version="1.1.0", scopes=MORE_SCOPES), "alice")
    await mirroring.follow()
    assert (await mirroring.versions())["find_host 1.1.0"][0] == "waiting"
    (waiting,) = (await mirroring.here.client.get("/plugin-submissions?state=waiting")).json()["items"]
    assert (waiting["submitted_by"], [each["text"] for each in waiting["reasons"]]) == (
        "mirror:hub",
        ["asks for cmdb.list_hosts"],
    )
    path = f"/plugin-submissions/{waiting['id']}"
    await mirroring.origin.house.client.put("/plugins/find_host/versions/1.1.0/yank", json={"message": "gone"})
    approved = await mirroring.here.client.post(f"{path}:approve", json={"comment": ""}, headers=as_user("rita"))
    assert approved.status_code == 201, approved.text
    await mirroring.round()
    assert (await mirroring.versions())["find_host 1.1.0"][0] == "taken"
    assert (await _catalogue(mirroring))["versions"][0]["yank_message"] == "gone", "what was said meanwhile counts"


async def test_what_a_person_rejected_is_not_submitted_again(mirroring: Mirroring) -> None:
    await mirroring.origin.house.publish(FIND_HOST, "alice")
    await mirroring.origin.house.publish(manifest_of(FIND_HOST, version="1.1.0", scopes=MORE_SCOPES), "alice")
    await mirroring.follow()
    (waiting,) = (await mirroring.here.client.get("/plugin-submissions?state=waiting")).json()["items"]
    path = f"/plugin-submissions/{waiting['id']}:reject"
    await mirroring.here.client.post(path, json={"comment": "too much"}, headers=as_user("rita"))
    await mirroring.round(asked=True)
    state, problem = (await mirroring.versions())["find_host 1.1.0"]
    assert (state, "too much" in problem) == ("refused", True)


@pytest.mark.parametrize("here_settings", [{"plugin_trust_roots": (public_half(Ed25519PrivateKey.generate()),)}])
async def test_signatures_are_judged_by_the_trust_roots_here(mirroring: Mirroring) -> None:
    await mirroring.origin.house.publish(FIND_HOST, "alice")
    await mirroring.follow()
    state, problem = (await mirroring.versions())["find_host 1.0.0"]
    assert (state, "SIGNATURES" in problem) == ("refused", True)


async def test_an_origin_that_lies_about_a_package_is_caught(mirroring: Mirroring) -> None:
    await mirroring.origin.house.publish(FIND_HOST, "alice")
    other = archive_of(manifest_of(FIND_HOST, tags=["other"]))
    mirroring.origin.instead["/v1/packages/"] = (200, "application/zip", other)
    await mirroring.follow()
    state, problem = (await mirroring.versions())["find_host 1.0.0"]
    assert (state, "not sha256:" in problem) == ("refused", True)
    mirroring.origin.instead["/v1/packages/"] = (200, "application/zip", b"PK nonsense")
    await mirroring.round(asked=True)
    assert (await mirroring.versions())["find_host 1.0.0"][0] == "refused"
    assert (await mirroring.here.client.get("/plugins/find_host")).status_code == 404


async def test_an_origin_that_is_away_or_answers_nonsense_stops_the_round_and_the_next_goes_on(
    mirroring: Mirroring, clock: ManualClock
) -> None:
    await mirroring.origin.house.publish(FIND_HOST, "alice")
    for answer in (
        (503, "application/json", b'{"detail": "away"}'),
        (200, "application/json", b'{"items": [{"change": "../../etc"}], "more": true}'),
        (200, "text/html", b"<html>"),
    ):
        mirroring.origin.instead = {"/v1/plugin-changes": answer}
        mirror = await mirroring.follow()
        assert mirror["problem"]
        assert mirror["last_success_at"] is None
    mirroring.origin.instead = {"/v1/packages/": (500, "text/plain", b"")}
    assert "500" in (await mirroring.round())["problem"]
    mirroring.origin.instead = {}
    clock.advance(minutes=5)
    assert await mirroring.here.unit.mirror_rounds.run_due(), "a problem is followed by a round soon"
    (mirror,) = (await mirroring.here.client.get("/plugin-mirrors")).json()["items"]
    assert (mirror["problem"], mirror["versions"]["taken"]) == ("", 1)
    assert not await mirroring.here.unit.mirror_rounds.run_due()


async def test_without_a_right_token_nothing_is_followed(mirroring: Mirroring) -> None:
    await mirroring.origin.house.publish(FIND_HOST, "alice")
    mirror = await mirroring.follow(token=None)
    assert ("401" in mirror["problem"], mirror["has_token"]) == (True, False)


async def test_mirrors_are_administrators_and_inner_addresses_are_refused(mirroring: Mirroring) -> None:
    client = mirroring.here.client
    body = {"url": mirroring.origin.url}
    for user in ("alice", "viewer"):
        refused = await client.put("/plugin-mirrors/hub", json=body, headers=as_user(user))
        assert refused.status_code == 403
        assert (await client.get("/plugin-mirrors", headers=as_user(user))).status_code == 403
    for url in ("http://169.254.169.254", "http://127.0.0.1:1", "file:///etc/passwd"):
        assert (await client.put("/plugin-mirrors/hub", json={"url": url})).status_code == 422, url
    await mirroring.follow()
    assert (await client.delete("/plugin-mirrors/hub")).status_code == 204
    assert (await client.get("/plugin-mirrors/hub/versions")).status_code == 404


def test_a_round_begins_a_little_before_the_last_change() -> None:
    assert rewound("") == ""
    assert rewound(f"{120_005:012x}{'f' * 20}") == f"{5:012x}{'0' * 20}"
    assert rewound(f"{7:012x}{'f' * 20}") == "0" * 32
