"""Variables of a project: who keeps them, what is refused, and what is told of their use."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlmodel import col, select

from kernel.audit.models import AuditRecord
from kernel.contracts.authorizer import Action, ResourceKind
from tests.support.orchestrator import OTHER_PROJECT, PROJECT, OrchestratorHouse, as_user, flow_of, plugin_node
from tests.support.scripted_plugins import scripted_plugins

PATH = "/projects/shop/variables"
REGION = {"name": "region", "title": "Region", "description": "Where", "value": "north"}


@pytest.fixture
def shop(house: OrchestratorHouse) -> OrchestratorHouse:
    house.plugins.by_project[PROJECT.id] = scripted_plugins()
    return house


async def _keep(house: OrchestratorHouse, **given: Any) -> dict[str, Any]:
    kept = await house.client.post(PATH, json={**REGION, **given})
    assert kept.status_code == 201, kept.text
    view: dict[str, Any] = kept.json()
    return view


async def _put(house: OrchestratorHouse, at: str = "region", **given: Any) -> httpx.Response:
    return await house.client.put(f"{PATH}/{at}", json={**REGION, "version": 1, **given})


async def test_values_of_every_kind_are_kept_as_they_are(house: OrchestratorHouse) -> None:
    values = {"a": "north", "b": 0, "c": 1.5, "d": False, "e": [], "f": {"x": [1, "2"]}, "g": ""}
    for name, value in values.items():
        await _keep(house, name=name, value=value)
    listed = (await house.client.get(PATH)).json()["items"]
    assert {each["name"]: each["value"] for each in listed} == values
    kinds = ["text", "number", "number", "boolean", "list", "object", "text"]
    assert [each["kind"] for each in listed] == kinds
    one = (await house.client.get(f"{PATH}/a")).json()
    assert (one["title"], one["description"], one["version"], one["updated_by"]) == ("Region", "Where", 1, "admin")


async def test_a_change_names_the_version_it_was_made_from_and_stands_in_the_audit_log(
    house: OrchestratorHouse,
) -> None:
    await _keep(house)
    answers = await asyncio.gather(*(_put(house, value=value) for value in ("south", "west")))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (stale,) = (answer.json() for answer in answers if answer.status_code == 409)
    assert (stale["code"], "at version 2, changed by admin" in stale["detail"]) == ("stale_variable", True)
    (changed,) = (answer.json()["value"] for answer in answers if answer.status_code == 200)
    assert (await _put(house, version=2, value={"long": "x" * 2000})).status_code == 200
    assert (await house.client.delete(f"{PATH}/region", params={"version": 2})).json()["code"] == "stale_variable"
    assert (await house.client.delete(f"{PATH}/region", params={"version": 3})).status_code == 204
    assert (await house.client.get(f"{PATH}/region")).status_code == 404
    async with house.database.reading() as session:
        written = select(AuditRecord).where(col(AuditRecord.resource_kind) == "project_variable")
        records = (await session.execute(written.order_by(col(AuditRecord.id)))).scalars().all()
    assert [record.action.partition(".")[2] for record in records] == ["created", "changed", "changed", "removed"]
    assert records[1].before is not None
    assert records[1].after is not None
    assert (records[1].before["value"], records[1].after["value"]) == ("north", changed)
    assert records[3].before is not None
    assert records[3].before["value"].startswith("sha256:")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "9lives"}, "name"),
        ({"name": "a-b"}, "name"),
        ({"name": "x" * 65}, "name"),
        ({"value": None}, "value"),
        ({"value": "x" * 70_000}, "value"),
        ({"title": "x" * 201}, "title"),
        ({"kind": "text"}, "kind"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_kept(
    house: OrchestratorHouse, given: dict[str, Any], field: str
) -> None:
    refused = await house.client.post(PATH, json={**REGION, **given})
    assert refused.status_code == 422
    assert [problem["field"] for problem in refused.json()["errors"]] == [field]
    assert (await house.client.get(PATH)).json()["items"] == []


async def test_a_name_that_no_variable_has_is_not_found(house: OrchestratorHouse) -> None:
    answers = [await house.client.get(f"{PATH}/{name}") for name in ("gone", "a.b", "%00")]
    assert [answer.status_code for answer in answers] == [404, 404, 422]


async def test_a_name_stands_once_in_a_project(house: OrchestratorHouse) -> None:
    await _keep(house)
    await _keep(house, name="zone")
    again = await house.client.post(PATH, json=REGION)
    assert (again.status_code, again.json()["code"]) == (409, "variable_exists")
    assert (await _put(house, "zone")).json()["code"] == "variable_exists"
    assert (await house.client.post("/projects/bank/variables", json=REGION)).status_code == 201
    assert [each["name"] for each in (await house.client.get(PATH)).json()["items"]] == ["region", "zone"]


async def test_who_sees_the_project_reads_and_who_manages_it_changes(house: OrchestratorHouse) -> None:
    await _keep(house)
    house.authorizer.allow("dev", ResourceKind.PROJECT, PROJECT.id, Action.PROJECT_VIEW)
    dev, stranger = as_user("dev"), as_user("stranger")
    assert (await house.client.get(PATH, headers=dev)).status_code == 200
    assert (await house.client.get(f"{PATH}/region/uses", headers=dev)).status_code == 200
    for path in (PATH, f"{PATH}/region", f"{PATH}/region/uses"):
        assert (await house.client.get(path, headers=stranger)).status_code == 403
    for method, path, body in (
        ("POST", PATH, REGION),
        ("PUT", f"{PATH}/region", {**REGION, "version": 1}),
        ("DELETE", f"{PATH}/region", None),
    ):
        assert (await house.client.request(method, path, json=body, headers=dev)).status_code == 403


async def test_flows_that_use_a_variable_are_told_before_it_goes(shop: OrchestratorHouse) -> None:
    await _keep(shop)
    await _keep(shop, name="regions", value=[])
    used = flow_of(
        plugin_node("a", inputs={"at": ["in ${project.variables.region}"]}),
        {"id": "how", "kind": "exclusive"},
        plugin_node("b"),
        edges=["start>a", "a>how", 'how>b?project.variables.region == "north"', "how>end?", "b>end"],
        outputs={"at": "${project.variables.region}"},
    )
    flow = await shop.publish(used, "Move")
    await shop.make_flow(flow_of(plugin_node("a", inputs={"of": "${project.variables.regions}"})), "Other")
    draft, published = (await shop.client.get(f"{PATH}/region/uses")).json()["items"]
    assert (draft["flow_id"], draft["flow_name"], draft["revision"], published["revision"]) == (flow, "Move", None, 1)
    places = [(place["node_id"], place["edge_id"], place["field"]) for place in published["places"]]
    assert places == [("a", None, "inputs.at[0]"), ("how", "e2", "condition"), (None, None, "outputs.at")]
    for answer in (await shop.client.delete(f"{PATH}/region"), await _put(shop, name="place")):
        assert (answer.status_code, answer.json()["code"]) == (409, "variable_in_use")
        assert {problem["field"] for problem in answer.json()["errors"]} == {f"/flows/{flow}"}
        assert "the draft of 'Move' names it; revision 1 of 'Move' names it" in answer.json()["detail"]
    renamed = await shop.client.put(f"{PATH}/region", json={**REGION, "name": "place", "version": 1, "force": True})
    assert renamed.json()["name"] == "place"
    assert (await shop.client.delete(f"{PATH}/place")).status_code == 204
    refused = await shop.client.post(f"/flows/{flow}/tasks", json={"inputs": {}})
    assert (refused.status_code, refused.json()["code"]) == (409, "project_variables_missing")
    assert refused.json()["errors"][0]["field"] == "project.variables.region"
    review = (await shop.client.post(f"/flows/{flow}:review", json={"inputs": {}})).json()
    assert [problem["field"] for problem in review["problems"]] == ["project.variables.region"]


async def test_common_flows_and_pinned_revisions_are_uses_too(shop: OrchestratorHouse) -> None:
    await _keep(shop)
    pinned = await shop.publish(flow_of(plugin_node("a", inputs={"at": "${project.variables.region}"})), "Pinned")
    every_hour = {"name": "hourly", "cron": "0 * * * *", "revision": 1, "inputs": {}}
    scheduled = await shop.client.post(f"/flows/{pinned}/schedules", json=every_hour)
    assert scheduled.status_code == 201, scheduled.text
    plain = {"definition": flow_of(plugin_node("a")), "draft_version": 2}
    assert (await shop.client.put(f"/flows/{pinned}/draft", json=plain)).status_code == 200
    assert (await shop.client.post(f"/flows/{pinned}:publish")).status_code == 201
    shop.plugins.by_project[OTHER_PROJECT.id] = scripted_plugins()
    assert (await shop.client.post("/projects/bank/variables", json=REGION)).status_code == 201
    theirs = (await shop.client.post("/projects/bank/flows", json={"name": "Common"})).json()["id"]
    body = {"definition": flow_of(plugin_node("a", inputs={"at": "${project.variables.region}"})), "draft_version": 1}
    await shop.client.put(f"/flows/{theirs}/draft", json=body)
    assert (await shop.client.post(f"/flows/{theirs}:publish")).status_code == 201
    uses = (await shop.client.get(f"{PATH}/region/uses")).json()["items"]
    assert [(use["flow_name"], use["revision"]) for use in uses] == [("Pinned", 1)]
    assert (await shop.client.put(f"/flows/{theirs}/common", json={"projects": ["shop"]})).status_code == 200
    uses = (await shop.client.get(f"{PATH}/region/uses")).json()["items"]
    told = [(use["flow_name"], use["revision"], use["common"]) for use in uses]
    assert told == [("Common", 1, True), ("Pinned", 1, False)]
