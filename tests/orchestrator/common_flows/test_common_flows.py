from typing import Any

from sqlalchemy import select
from sqlmodel import col

from kernel.audit.models import AuditRecord
from kernel.contracts.authorizer import Action, ResourceKind
from orchestrator.runtime.models import Task
from tests.support.contracts import plugin
from tests.support.orchestrator import OTHER_PROJECT, PROJECT, OrchestratorHouse, as_user, flow_of, plugin_node


def _runs(flow: str, **pin: int) -> dict[str, Any]:
    return flow_of({"id": "in", "kind": "subflow", "flow": flow, **pin})


async def _theirs(house: OrchestratorHouse, definition: dict[str, Any]) -> str:
    """A flow of another project with that draft."""
    flow: str = (await house.client.post("/projects/bank/flows", json={"name": "Theirs"})).json()["id"]
    saved = await house.client.put(f"/flows/{flow}/draft", json={"definition": definition, "draft_version": 1})
    assert saved.status_code == 200, saved.text
    return flow


async def _problems(house: OrchestratorHouse, flow: str) -> list[str]:
    found = (await house.client.post(f"/flows/{flow}:validate")).json()["problems"]
    return [problem["message"] for problem in found]


async def _shared(house: OrchestratorHouse, *projects: str) -> str:
    """A flow of the shop, which runs another of the shop inside; both use one plugin."""
    house.plugins.by_project[PROJECT.id] = [plugin("find", scopes=("cmdb:read",))]
    inner = await house.publish(flow_of(plugin_node("find", "find")), "Inner")
    flow = await house.publish(_runs(inner), "Common")
    shared = await house.client.put(f"/flows/{flow}/common", json={"projects": list(projects)})
    assert shared.status_code == 200, shared.text
    return flow


async def test_another_project_runs_a_common_flow_inside_by_its_own_means(house: OrchestratorHouse) -> None:
    flow = await _shared(house)
    theirs = await _theirs(house, _runs(flow, revision=1))
    assert await _problems(house, theirs) == ["the flow 'Common' needs find 1.0.0, which the project has not installed"]
    house.plugins.by_project[OTHER_PROJECT.id] = [plugin("find", scopes=("cmdb:read",))]
    published = await house.client.post(f"/flows/{theirs}:publish")
    assert published.status_code == 201, published.text
    assert (published.json()["plugins"], published.json()["scopes"]) == ({"find": ["1.0.0"]}, ["cmdb:read"])
    task = (await house.client.post(f"/flows/{theirs}/tasks", json={"inputs": {}})).json()
    assert (task["project_id"], f"{flow}@1" in task["definition"]["subflows"]) == (OTHER_PROJECT.id, True)
    assert (await house.client.delete(f"/flows/{flow}/common")).status_code == 204
    refused = await house.client.post(f"/flows/{theirs}/tasks", json={"inputs": {}})
    assert (refused.status_code, "has no flow" in refused.json()["detail"]) == (409, True)


async def test_what_is_not_shared_or_not_pinned_is_not_run(house: OrchestratorHouse) -> None:
    flow = await _shared(house, "shop")
    theirs = await _theirs(house, _runs(flow, revision=1))
    assert await _problems(house, theirs) == [f"the project has no flow '{flow}'"]
    await house.client.put(f"/flows/{flow}/common", json={"projects": ["bank"]})
    house.plugins.by_project[OTHER_PROJECT.id] = [plugin("find")]
    assert await _problems(house, theirs) == []
    loose = await _theirs(house, _runs(flow))
    assert await _problems(house, loose) == ["the flow 'Common' is another project's: name the revision to run"]


async def test_projects_see_what_is_shared_with_them_and_administrators_all(house: OrchestratorHouse) -> None:
    flow = await _shared(house, "bank")
    (seen,) = (await house.client.get("/projects/bank/common-flows")).json()["items"]
    assert (seen["flow_id"], seen["owner"], seen["latest_revision"], seen["projects"]) == (flow, "shop", 1, ["bank"])
    assert (await house.client.get("/projects/shop/common-flows")).json()["items"] == []
    assert len((await house.client.get("/common-flows")).json()["items"]) == 1
    assert (await house.client.get("/projects/bank/common-flows", headers=as_user("dev"))).status_code == 403
    for method, path in (
        ("PUT", f"/flows/{flow}/common"),
        ("DELETE", f"/flows/{flow}/common"),
        ("GET", "/common-flows"),
    ):
        body = {"projects": []} if method == "PUT" else None
        assert (await house.client.request(method, path, json=body, headers=as_user("dev"))).status_code == 403
    draft = await house.make_flow()
    unpublished = await house.client.put(f"/flows/{draft}/common", json={})
    assert (unpublished.status_code, unpublished.json()["errors"][0]["field"]) == (422, "flow")
    strange = await house.client.put(f"/flows/{flow}/common", json={"projects": ["bank", "nowhere"]})
    assert (strange.status_code, strange.json()["errors"][0]["field"]) == (422, "/projects/1")
    async with house.database.reading() as session:
        rows = (await session.execute(select(AuditRecord).order_by(col(AuditRecord.id)))).scalars().all()
    assert [row.action for row in rows if row.action.startswith("flow.made")] == ["flow.made_common"]


async def _launch(house: OrchestratorHouse, flow: str, by: str = "ben", **body: Any) -> Any:
    sent = {"inputs": {}, "project": "bank", **body}
    return await house.client.post(f"/flows/{flow}/tasks", json=sent, headers=as_user(by))


async def test_another_project_launches_a_common_flow_as_its_own_task(house: OrchestratorHouse) -> None:
    flow = await _shared(house, "bank")
    house.authorizer.allow("ben", ResourceKind.PROJECT, OTHER_PROJECT.id, Action.FLOW_LAUNCH)
    house.authorizer.allow("boss", ResourceKind.PROJECT, OTHER_PROJECT.id, Action.TASK_VIEW)
    lacking = await _launch(house, flow)
    assert (lacking.status_code, "find 1.0.0" in lacking.json()["detail"]) == (409, True)
    house.plugins.by_project[OTHER_PROJECT.id] = [plugin("find", scopes=("cmdb:read", "job:run"))]
    form = await house.client.get(f"/flows/{flow}/launch-form?project=bank", headers=as_user("ben"))
    assert (form.json()["project_id"], form.json()["revision"]) == (OTHER_PROJECT.id, 1)
    for asked in (":preview", ":review"):
        seen = await house.client.post(f"/flows/{flow}{asked}", json={"project": "bank"}, headers=as_user("ben"))
        assert (seen.status_code, seen.json()["revision"]) == (200, 1)
    task = (await _launch(house, flow)).json()
    assert (task["project_id"], task["common"], task["revision"]) == (OTHER_PROJECT.id, True, 1)
    (row,) = await _tasks(house)
    assert (row.project_code, row.scopes) == ("bank", ["cmdb:read"])
    # Roles where the flow is kept, and on the flow itself, reach no task of another project.
    house.authorizer.allow("keeper", ResourceKind.FLOW, flow, Action.TASK_VIEW, Action.TASK_OPERATE)
    for name, status in (("boss", 200), ("ben", 200), ("keeper", 403), ("dev", 403)):
        assert (await house.client.get(f"/tasks/{task['id']}", headers=as_user(name))).status_code == status
    recorded = await house.client.get(f"/flows/{flow}/recorded-outputs")
    assert task["id"] not in recorded.text


async def test_only_who_launches_in_the_project_and_only_what_is_shared_with_it(house: OrchestratorHouse) -> None:
    flow = await _shared(house, "bank")
    house.plugins.by_project[OTHER_PROJECT.id] = [plugin("find", scopes=("cmdb:read",))]
    assert (await _launch(house, flow, "dev")).status_code == 403
    assert (await _launch(house, flow, "admin", callback_url="http://127.0.0.1:1/x")).json()["errors"][0]["field"] == (
        "callback_url"
    )
    assert (await _launch(house, flow, "admin")).status_code == 201
    for path in ("launch-form", "schemes"):
        assert (await house.client.get(f"/flows/{flow}/{path}?project=bank")).status_code == 200
    revision = f"/projects/bank/common-flows/{flow}/revisions/1"
    assert (await house.client.get(revision)).json()["definition"]["nodes"][1]["kind"] == "subflow"
    await house.client.put(f"/flows/{flow}/common", json={"projects": ["shop"]})
    assert (await _launch(house, flow, "admin")).status_code == 404
    for path in (f"/flows/{flow}/launch-form?project=bank", f"/flows/{flow}/schemes?project=bank", revision):
        assert (await house.client.get(path)).status_code == 404
    own = await house.client.post(
        f"/flows/{flow}/tasks", json={"inputs": {}, "project": "shop"}, headers=as_user("dev")
    )
    assert (own.status_code, own.json()["common"]) == (201, False)


async def _tasks(house: OrchestratorHouse) -> list[Task]:
    async with house.database.reading() as session:
        return list((await session.execute(select(Task).order_by(col(Task.id)))).scalars())
