from typing import Any

import pytest
from sqlalchemy import select

from kernel.audit.models import AuditRecord
from kernel.contracts.authorizer import Action, ResourceKind
from kernel.errors import PermissionDenied
from kernel.principal import Principal, PrincipalKind
from orchestrator.executors.service import Wanted
from tests.support.orchestrator import PROJECT, OrchestratorHouse, as_user, flow_of, plugin_node
from tests.support.scripted_plugins import scripted_plugins

ECHO = {"project": "shop", "scopes": ["echo:use"]}


async def _consent(house: OrchestratorHouse, by: str, **body: Any) -> dict[str, Any]:
    answer = await house.client.post("/executor-consents", json={**ECHO, **body}, headers=as_user(by))
    assert answer.status_code == 201, answer.text
    given: dict[str, Any] = answer.json()
    return given


async def _requests(house: OrchestratorHouse, of: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await house.client.get("/executor-requests", headers=as_user(of))).json()["items"]
    return items


async def _advice(house: OrchestratorHouse, flow: str) -> list[dict[str, Any]]:
    problems = (await house.client.post(f"/flows/{flow}:validate")).json()["problems"]
    return [problem for problem in problems if problem["rule"] == "consent"]


async def test_who_is_named_sees_it_consents_sees_that_and_revokes_it(house: OrchestratorHouse) -> None:
    house.plugins.by_project[PROJECT.id] = scripted_plugins()
    flow = await house.publish(flow_of(plugin_node("a", inputs={"x": 1}), executor="ann"), "Deploy")
    (asked,) = await _requests(house, "ann")
    assert (asked["flow_name"], asked["latest_revision"], asked["scopes"]) == ("Deploy", 1, ["echo:use"])
    assert (asked["asked_by"], asked["lack"]) == ("admin", "never")
    assert await _requests(house, "bea") == []
    given = await _consent(house, "ann", flow=flow, revision=1, days=7)
    assert (given["project_code"], given["flow_name"], given["revision"]) == ("shop", "Deploy", 1)
    assert [each["lack"] for each in await _requests(house, "ann")] == [None]
    mine = (await house.client.get("/executor-consents", headers=as_user("ann"))).json()["items"]
    assert [(each["id"], each["revoked_at"]) for each in mine] == [(given["id"], None)]
    address = f"/executor-consents/{given['id']}"
    assert (await house.client.delete(address, headers=as_user("bea"))).status_code == 404
    assert (await house.client.delete(address)).status_code == 404
    assert (await house.client.delete(address, headers=as_user("ann"))).status_code == 204
    assert [each["lack"] for each in await _requests(house, "ann")] == ["revoked"]
    again = await _consent(house, "ann", flow=flow)
    assert (again["id"], again["revoked_at"], again["revision"]) == (given["id"], None, None)
    async with house.database.reading() as session:
        records = (await session.execute(select(AuditRecord))).scalars().all()
    told = [(each.action, each.actor) for each in records if each.resource_kind == "executor_consent"]
    assert told == [
        ("executor_consent.given", "ann"),
        ("executor_consent.revoked", "ann"),
        ("executor_consent.given", "ann"),
    ]


async def test_a_consent_is_to_what_the_person_is_asked_for_or_sees_and_to_what_is_used(
    house: OrchestratorHouse,
) -> None:
    house.plugins.by_project[PROJECT.id] = scripted_plugins()
    flow = await house.publish(flow_of(plugin_node("a", inputs={})))

    async def refused(by: str, **body: Any) -> tuple[int, list[str]]:
        answer = await house.client.post("/executor-consents", json={**ECHO, **body}, headers=as_user(by))
        fields = [each["field"] for each in answer.json().get("errors", [])]
        return answer.status_code, fields

    assert (await refused("ann", flow=flow))[0] == 403
    assert (await refused("ann"))[0] == 403
    assert (await refused("viewer", flow=flow, revision=2))[0] == 404
    assert await refused("viewer", flow=flow, scopes=["echo:use", "job:run"]) == (422, ["/scopes/1"])
    assert await refused("viewer", scopes=["bank:rob"]) == (403, [])
    assert (await refused("admin", revision=1))[0] == 422
    assert (await refused("admin", days=0))[0] == 422
    assert await refused("admin", scopes=["bank:rob"]) == (422, ["/scopes/0"])
    assert (await _consent(house, "viewer", flow=flow))["flow_id"] == flow


async def test_a_flow_asks_again_with_each_publication(house: OrchestratorHouse) -> None:
    house.plugins.by_project[PROJECT.id] = scripted_plugins()
    flow = await house.publish(flow_of(plugin_node("a", inputs={}, executor="ann")))
    await _consent(house, "ann", flow=flow, revision=1)
    assert await _advice(house, flow) == []
    changed = flow_of(plugin_node("a", inputs={}, executor="ann"), plugin_node("b", inputs={}, executor="bea"))
    saved = await house.client.put(f"/flows/{flow}/draft", json={"definition": changed, "draft_version": 2})
    assert saved.status_code == 200, saved.text
    found = await _advice(house, flow)
    assert [(each["node_id"], each["field"], each["blocking"]) for each in found] == [
        ("a", "executor", False),
        ("b", "executor", False),
    ]
    assert "revision 1" in found[0]["message"]
    assert (await house.client.post(f"/flows/{flow}:publish")).status_code == 201
    assert [each["lack"] for each in await _requests(house, "ann")] == ["revision"]
    assert len(await _requests(house, "bea")) == 1
    saved = await house.client.put(
        f"/flows/{flow}/draft", json={"definition": flow_of(plugin_node("a", inputs={})), "draft_version": 3}
    )
    assert saved.status_code == 200, saved.text
    assert (await house.client.post(f"/flows/{flow}:publish")).status_code == 201
    assert await _requests(house, "ann") == await _requests(house, "bea") == []


async def test_advice_names_scopes_and_nodes_of_flows_inside(house: OrchestratorHouse) -> None:
    house.plugins.by_project[PROJECT.id] = scripted_plugins()
    inner = await house.publish(flow_of(plugin_node("deep", inputs={})), "Inner")
    outer = await house.publish(
        flow_of(plugin_node("a", "check", inputs={"ok": True}), {"id": "sub", "kind": "subflow", "flow": inner},
                executor="ann"), "Outer",
    )  # fmt: skip
    assert {each["flow_name"] for each in await _requests(house, "ann")} == {"Inner", "Outer"}
    await _consent(house, "ann", flow=outer, scopes=["echo:use"])
    found = {each["node_id"]: each["message"] for each in await _advice(house, outer)}
    assert "check:use" in found["a"]
    assert found["sub"].startswith("runs deep, to call as ann: ann has not consented")

    async def review(by: str) -> list[str]:
        seen = await house.client.post(f"/flows/{outer}:review", json={}, headers=as_user(by))
        assert seen.status_code == 200, seen.text
        return [each["field"] for each in seen.json()["advice"]]

    assert await review("dev") == ["/nodes/a", "/nodes/sub"]
    house.authorizer.allow("ann", ResourceKind.FLOW, outer, Action.FLOW_LAUNCH)
    assert await review("ann") == []


async def test_a_project_names_who_may_sign_in_and_whoever_manages_it_does_so(house: OrchestratorHouse) -> None:
    house.plugins.by_project[PROJECT.id] = scripted_plugins()
    house.profiles.gone.add("nobody")
    path = "/projects/shop/executor"
    assert (await house.client.get(path)).json() == {"username": "", "set_by": "", "set_at": None, "lack": None}
    assert (await house.client.put(path, json={"username": "ann"}, headers=as_user("dev"))).status_code == 403
    assert (await house.client.put(path, json={"username": "nobody"})).status_code == 422
    named = (await house.client.put(path, json={"username": "ann"})).json()
    assert (named["username"], named["set_by"], named["lack"]) == ("ann", "admin", "never")
    (asked,) = await _requests(house, "ann")
    used = {scope for plugin in scripted_plugins() for scope in plugin.scopes}
    assert (asked["flow_id"], set(asked["scopes"])) == ("", used | {"notify.notify_users"})
    await _consent(house, "ann")
    assert (await house.client.get(path)).json()["lack"] is None
    house.profiles.gone.add("ann")
    assert (await house.client.get(path)).json()["lack"] == "person"
    assert (await house.client.put(path, json={"username": ""})).json()["username"] == ""


async def test_a_narrowed_token_gives_no_consent(house: OrchestratorHouse) -> None:
    flow = await house.publish(flow_of({"id": "a", "kind": "timer", "seconds": 1}))
    narrowed = Principal(PrincipalKind.USER, "viewer", scopes=frozenset({"flow"}))
    app = Principal(PrincipalKind.APP, "viewer")
    async with house.database.unit_of_work() as session:
        for principal in (narrowed, app):
            with pytest.raises(PermissionDenied):
                await house.unit.consents.give(session, principal, Wanted("shop", flow, None, [], 1))
