"""Applications: approved whole and in part, asked back, withdrawn, renewed; who may, and who wins a race."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.support.management import Management, document

ALL = ["list_hosts", "create_host", "get_host"]


class Stage:
    """System `cmdb` owned by olga; app `shop` of ann."""

    def __init__(self, management: Management, olga: httpx.AsyncClient, ann: httpx.AsyncClient) -> None:
        self.management, self.olga, self.ann = management, olga, ann

    async def apply(self, components: list[str] | None = None, **more: Any) -> str:
        wish = {"app_code": "shop", "system": "cmdb", "components": components, "reason": "inventory", **more}
        answer = await self.ann.post("/v1/grants", json=wish)
        assert answer.status_code == 201, answer.text
        application: str = answer.json()["items"][0]["application_id"]
        return application

    async def decide(self, application: str, **verdict: Any) -> httpx.Response:
        return await self.olga.post(f"/v1/applications/{application}/decision", json=verdict)

    def may(self, component: str) -> bool:
        now = self.management.clock.now().timestamp()
        return self.management.holder.current.apps["shop"].may_call("cmdb", f"cmdb.{component}", now)

    async def history(self, application: str) -> list[tuple[str, str, str]]:
        found = (await self.ann.get(f"/v1/applications/{application}")).json()
        return [(event["step"], event["actor"], event["text"]) for event in found["history"]]


@pytest.fixture
async def stage(management: Management) -> Stage:
    async def make() -> list[str]:
        olga, ann = await management.token_holder("olga"), await management.token_holder("ann")
        await management.import_system(document(), owner="olga")
        await ann.post("/v1/apps", json={"app_code": "shop", "name": "Shop"})
        return [client.headers["Authorization"] for client in (olga, ann)]

    olga, ann = management.anonymous(), management.anonymous()
    olga.headers["Authorization"], ann.headers["Authorization"] = await management.reached("cmdb of olga", make)
    return Stage(management, olga, ann)


async def test_several_components_are_one_application(stage: Stage) -> None:
    application = await stage.apply(ALL)
    for client in (stage.ann, stage.olga):
        found = (await client.get(f"/v1/applications/{application}")).json()
        assert (found["state"], found["reason"], found["applied_by"], found["is_renewal"]) == (
            "applied", "inventory", "ann", False,
        )  # fmt: skip
        assert [grant["component"] for grant in found["grants"]] == sorted(ALL)
    decided = (await stage.decide(application, decision="approve", comment="fine")).json()
    assert (decided["state"], decided["live"]) == ("approved", True)
    assert all(map(stage.may, ALL))
    assert await stage.history(application) == [("applied", "ann", "inventory"), ("approved", "olga", "fine")]


async def test_a_part_is_approved_for_a_shorter_term(stage: Stage) -> None:
    application = await stage.apply(ALL, days=360)
    decided = await stage.decide(application, decision="approve", components=["get_host"], days=14, comment="a look")
    assert decided.json()["state"] == "partly_approved"
    states = {grant["component"]: grant["state"] for grant in decided.json()["grants"]}
    assert states == {"list_hosts": "refused", "create_host": "refused", "get_host": "approved"}
    assert [component for component in ALL if stage.may(component)] == ["get_host"]
    stage.management.clock.advance(days=14)
    assert not stage.may("get_host")


async def test_of_a_whole_system_single_components_may_be_approved(stage: Stage) -> None:
    application = await stage.apply(None)
    decided = (await stage.decide(application, decision="approve", components=["get_host"])).json()
    assert {(grant["component"], grant["state"]) for grant in decided["grants"]} == {
        (None, "refused"),
        ("get_host", "approved"),
    }
    assert [component for component in ALL if stage.may(component)] == ["get_host"]


async def test_a_question_is_answered_and_then_decided(stage: Stage) -> None:
    application = await stage.apply(ALL)
    asked = await stage.decide(application, decision="ask", comment="for what?")
    assert (asked.status_code, asked.json()["state"]) == (200, "asked")
    again = await stage.decide(application, decision="ask", comment="for what?")
    assert (again.status_code, again.json()["code"]) == (409, "grant_state")
    assert (await stage.olga.post(f"/v1/applications/{application}:answer", json={"text": "x"})).status_code == 403
    answered = await stage.ann.post(f"/v1/applications/{application}:answer", json={"text": "a report"})
    assert answered.json()["state"] == "applied"
    assert (await stage.decide(application, decision="approve")).json()["state"] == "approved"
    assert [step for step, _, _ in await stage.history(application)] == ["applied", "asked", "answered", "approved"]


async def test_what_nobody_decided_is_withdrawn_and_may_be_asked_for_again(stage: Stage) -> None:
    application = await stage.apply(ALL)
    assert (await stage.ann.post(f"/v1/applications/{application}:withdraw")).json()["state"] == "withdrawn"
    late = await stage.decide(application, decision="approve")
    assert (late.status_code, late.json()["code"]) == (409, "grant_state")
    assert not any(map(stage.may, ALL))
    assert await stage.apply(ALL) != application


@pytest.mark.parametrize(
    ("verdict", "field"),
    [
        ({"decision": "refuse"}, "comment"),
        ({"decision": "ask", "comment": " "}, "comment"),
        ({"decision": "approve", "components": ["get_host"]}, "components"),
        ({"decision": "approve", "components": []}, "components"),
        ({"decision": "approve", "days": 7, "expires_at": "2030-01-01T00:00:00Z"}, "expires_at"),
        ({"decision": "approve", "days": 0}, "days"),
        ({"decision": "revoke"}, "decision"),
    ],
)
async def test_a_wrong_verdict_names_the_field_and_decides_nothing(
    stage: Stage, verdict: dict[str, Any], field: str
) -> None:
    application = await stage.apply(["list_hosts"])
    answer = await stage.decide(application, **verdict)
    assert answer.status_code == 422, answer.text
    assert {problem["field"] for problem in answer.json()["errors"]} == {field}
    assert (await stage.ann.get(f"/v1/applications/{application}")).json()["state"] == "applied"


async def test_a_renewal_goes_on_from_the_old_end_and_keeps_what_was(stage: Stage) -> None:
    application = await stage.apply(["get_host"])
    first = (await stage.decide(application, decision="approve")).json()["grants"][0]
    stage.management.clock.advance(days=170)
    wish = {"grant_ids": [first["id"]], "reason": "still needed", "days": 180}
    (renewal,) = (await stage.ann.post("/v1/grants:renew", json=wish)).json()["items"]
    (same,) = (await stage.ann.post("/v1/grants:renew", json=wish)).json()["items"]
    assert (renewal["id"], renewal["renews"]) == (same["id"], first["id"])
    assert stage.may("get_host")
    renewed = (await stage.decide(renewal["application_id"], decision="approve")).json()
    assert renewed["is_renewal"] is True
    ends = datetime.fromisoformat(renewed["grants"][0]["expires_at"])
    assert ends == datetime.fromisoformat(first["expires_at"]) + timedelta(days=180)
    assert (await stage.ann.get(f"/v1/grants/{first['id']}")).json()["state"] == "renewed"
    await stage.olga.post(f"/v1/grants/{renewal['id']}:revoke", json={"comment": "enough"})
    assert not stage.may("get_host")
    assert [step for step, _, _ in await stage.history(application)] == ["applied", "approved", "renewed"]


async def test_after_its_end_a_grant_is_renewed_from_the_approval(stage: Stage) -> None:
    application = await stage.apply(["get_host"])
    first = (await stage.decide(application, decision="approve")).json()["grants"][0]
    stage.management.clock.advance(days=200)
    (renewal,) = (await stage.ann.post("/v1/grants:renew", json={"grant_ids": [first["id"]]})).json()["items"]
    assert not stage.may("get_host")
    renewed = (await stage.decide(renewal["application_id"], decision="approve")).json()["grants"][0]
    assert datetime.fromisoformat(renewed["expires_at"]) == stage.management.clock.now() + timedelta(days=180)
    assert stage.may("get_host")
    again = await stage.ann.post("/v1/grants:renew", json={"grant_ids": [first["id"]]})
    assert (again.status_code, again.json()["code"]) == (409, "grant_state")


@pytest.mark.parametrize("ending", ["revoke", "never", "refuse"])
async def test_what_was_taken_away_or_has_no_end_is_not_renewed(stage: Stage, ending: str) -> None:
    application = await stage.apply(["get_host"], days=None if ending == "never" else 180)
    verdict = {"decision": "refuse", "comment": "no"} if ending == "refuse" else {"decision": "approve"}
    grant = (await stage.decide(application, **verdict)).json()["grants"][0]["id"]
    if ending == "revoke":
        await stage.olga.post(f"/v1/grants/{grant}:revoke", json={"comment": "enough"})
    answer = await stage.ann.post("/v1/grants:renew", json={"grant_ids": [grant]})
    assert (answer.status_code, answer.json()["code"]) == (409, "grant_state")


async def test_an_application_for_a_system_does_not_stand_in_the_way_of_one_component(stage: Stage) -> None:
    whole = await stage.apply(None)
    one = await stage.apply(["get_host"])
    assert whole != one
    await stage.decide(whole, decision="approve")
    assert await stage.apply(["list_hosts"]) == whole


async def test_nobody_approves_his_own_application_unless_the_system_lets_him(stage: Stage) -> None:
    await stage.olga.post("/v1/apps", json={"app_code": "mine", "name": "Mine"})
    wish = {"app_code": "mine", "system": "cmdb", "components": ["get_host"]}
    (grant,) = (await stage.olga.post("/v1/grants", json=wish)).json()["items"]
    for refused in (
        await stage.olga.post(f"/v1/grants/{grant['id']}:approve"),
        await stage.decide(grant["application_id"], decision="approve"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (403, "self_approval")
    assert (await stage.ann.patch("/v1/systems/cmdb/grant-rules", json={"self_approval": True})).status_code == 403
    allowed = await stage.olga.patch("/v1/systems/cmdb/grant-rules", json={"self_approval": True})
    assert allowed.json()["self_approval"] is True
    assert (await stage.decide(grant["application_id"], decision="approve")).status_code == 200
    recorded = (await stage.management.audit("grant", grant["id"]))[-1]
    assert (recorded.actor, recorded.after["applied_by"]) == ("olga", "olga")


async def test_a_system_offers_its_own_terms(stage: Stage) -> None:
    changed = await stage.olga.patch("/v1/systems/cmdb/grant-rules", json={"terms": [30, 90, 30]})
    assert changed.json() == {
        "system": "cmdb", "terms": [30, 90], "self_approval": False, "reminder_days": [30, 7, 1],
    }  # fmt: skip
    wish = {"app_code": "shop", "system": "cmdb", "components": ["get_host"]}
    refused = await stage.ann.post("/v1/grants", json={**wish, "days": 180})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "days")
    assert "30, 90" in refused.json()["errors"][0]["remedy"]
    assert (await stage.ann.post("/v1/grants", json={**wish, "days": 30})).status_code == 201
    recorded = (await stage.management.audit("system", "cmdb"))[-1]
    assert (recorded.action, recorded.before["terms"], recorded.after["terms"]) == (
        "grant_rules.changed", [180, 360, None], [30, 90],
    )  # fmt: skip


async def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told(stage: Stage) -> None:
    for _ in range(4):
        application = await stage.apply(["get_host"])
        answers = await asyncio.gather(
            stage.decide(application, decision="approve"),
            stage.management.client.post(f"/v1/applications/{application}/decision", json={"decision": "approve"}),
            stage.ann.post(f"/v1/applications/{application}:withdraw"),
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
        assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"grant_state"}
        won = next(answer.json() for answer in answers if answer.status_code == 200)
        assert stage.may("get_host") == (won["state"] == "approved")
        for grant in won["grants"]:
            if grant["state"] == "approved":
                await stage.olga.post(f"/v1/grants/{grant['id']}:revoke", json={"comment": "enough"})


async def test_lists_show_each_side_what_is_his(stage: Stage) -> None:
    first, second = await stage.apply(["get_host"]), await stage.apply(["list_hosts"])
    await stage.decide(first, decision="approve")

    async def ids(client: httpx.AsyncClient, **query: Any) -> list[str]:
        return [each["id"] for each in (await client.get("/v1/applications", params=query)).json()["items"]]

    assert await ids(stage.ann, side="applicant") == [second, first]
    assert await ids(stage.ann, side="decider") == []
    assert await ids(stage.olga, side="decider", state="waiting") == [second]
    assert await ids(stage.olga, side="decider", state="decided") == [first]
    assert await ids(stage.olga, side="applicant") == []
    assert await ids(await stage.management.person("bob")) == []
    page = (await stage.ann.get("/v1/applications", params={"limit": 1})).json()
    assert [each["id"] for each in page["items"]] == [second]
    assert await ids(stage.ann, limit=1, cursor=page["next"]) == [first]


async def test_strangers_neither_see_nor_touch_an_application(stage: Stage) -> None:
    application, bob = await stage.apply(["get_host"]), await stage.management.person("bob")
    assert (await bob.get(f"/v1/applications/{application}")).status_code == 403
    verdict = {"decision": "approve"}
    assert (await bob.post(f"/v1/applications/{application}/decision", json=verdict)).status_code == 403
    assert (await stage.ann.post(f"/v1/applications/{application}/decision", json=verdict)).status_code == 403
    assert (await bob.post(f"/v1/applications/{application}:withdraw")).status_code == 403
    assert (await stage.olga.post(f"/v1/applications/{application}:withdraw")).status_code == 403
    assert (await stage.ann.get(f"/v1/applications/{'0' * 32}")).status_code == 404


async def test_a_deputy_decides_for_a_time_and_no_longer(stage: Stage) -> None:
    dan = await stage.management.token_holder("dan")
    now = stage.management.clock.now()
    place, times = (
        "/v1/systems/cmdb/deputies/dan",
        {
            "starts_at": (now + timedelta(days=1)).isoformat(),
            "ends_at": (now + timedelta(days=8)).isoformat(),
        },
    )
    assert (await dan.put(place, json=times)).status_code == 403
    assert (await stage.olga.put(place, json={"ends_at": now.isoformat()})).status_code == 422
    assert (await stage.olga.put(place, json=times)).status_code == 200
    verdict = {"decision": "approve", "comment": "for olga"}
    for days, status in ((0, 403), (1, 200), (7, 403)):
        stage.management.clock.advance(days=days)
        application = await stage.apply(["get_host"])
        listed = (await dan.get("/v1/applications", params={"side": "decider"})).json()["items"]
        assert bool(listed) == (status == 200)
        why = {"action": "grant.decide", "resource": "system:cmdb"}
        (told,) = (await dan.get("/v1/explain", params=why)).json()["items"]
        assert (told["allowed"], told["reason"]) == (status == 200, "deputy" if status == 200 else "role_missing")
        decided = await dan.post(f"/v1/applications/{application}/decision", json=verdict)
        assert decided.status_code == status, days
        if status == 200:
            assert (await dan.put("/v1/systems/cmdb/deputies/ann", json=times)).status_code == 403
            await stage.olga.post(f"/v1/grants/{decided.json()['grants'][0]['id']}:revoke", json={"comment": "enough"})
    assert (await stage.olga.delete(place)).status_code == 204
    actions = [each.action for each in await stage.management.audit("system", "cmdb")]
    assert actions[-2:] == ["deputy.named", "deputy.dismissed"]
