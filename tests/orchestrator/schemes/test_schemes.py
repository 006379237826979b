from typing import Any

from sqlalchemy import select
from sqlmodel import col

from kernel.audit.models import AuditRecord
from kernel.contracts.authorizer import Action, ResourceKind
from orchestrator.runtime.models import TaskDefinition
from tests.support.contracts import plugin
from tests.support.orchestrator import PROJECT, OrchestratorHouse, as_user, flow_of, plugin_node


def _flow(*optional: str) -> dict[str, Any]:
    return flow_of(plugin_node("find", "find"), *(plugin_node(name, "find", optional=True) for name in optional))


async def _published(house: OrchestratorHouse, *optional: str) -> str:
    house.plugins.by_project[PROJECT.id] = [plugin("find")]
    return await house.publish(_flow(*optional))


async def _make(house: OrchestratorHouse, flow: str, name: str, *keep: str) -> dict[str, Any]:
    made = await house.client.post(f"/flows/{flow}/schemes", json={"name": name, "keep": list(keep)})
    assert made.status_code == 201, made.text
    view: dict[str, Any] = made.json()
    return view


async def _left_out(house: OrchestratorHouse, flow: str, **body: Any) -> list[str]:
    launched = await house.client.post(f"/flows/{flow}/tasks", json={"inputs": {}, **body})
    assert launched.status_code == 201, launched.text
    left_out: list[str] = launched.json()["definition"].get("left_out", [])
    return left_out


async def test_several_schemes_combine_and_a_node_runs_that_one_of_them_keeps(house: OrchestratorHouse) -> None:
    flow = await _published(house, "a", "b", "c")
    one, two = await _make(house, flow, "one", "a"), await _make(house, flow, "two", "b")
    assert (one["keep"], one["leave_out"], one["gone"], one["unseen"]) == (["a"], ["b", "c"], [], [])
    assert await _left_out(house, flow, schemes=[one["id"]]) == ["b", "c"]
    assert await _left_out(house, flow, schemes=[one["id"], two["id"]]) == ["c"]
    assert await _left_out(house, flow, schemes=[one["id"], two["id"]], leave_out=["a"]) == ["a", "c"]
    preview = await house.client.post(f"/flows/{flow}:preview", json={"schemes": [two["id"]]})
    assert [node["id"] for node in preview.json()["definition"]["nodes"]] == ["start", "find", "b", "end"]


async def test_a_scheme_follows_the_flow_and_tells_what_it_does_not_know(house: OrchestratorHouse) -> None:
    flow = await _published(house, "a", "b")
    scheme = await _make(house, flow, "one", "a")
    await house.client.put(f"/flows/{flow}/draft", json={"definition": _flow("b", "new"), "draft_version": 2})
    await house.client.post(f"/flows/{flow}:publish")
    (told,) = (await house.client.get(f"/flows/{flow}/schemes")).json()["items"]
    assert (told["gone"], told["unseen"]) == (["a"], ["new"])
    assert await _left_out(house, flow, schemes=[scheme["id"]]) == ["b"]
    mended = await house.client.put(f"/schemes/{scheme['id']}", json={"name": "one", "keep": ["new"]})
    assert (mended.json()["gone"], mended.json()["unseen"], mended.json()["leave_out"]) == ([], [], ["b"])


async def test_what_can_be_no_scheme_is_refused_by_name(house: OrchestratorHouse) -> None:
    flow = await _published(house, "a")
    scheme = await _make(house, flow, "one", "a")
    strange = await house.client.post(f"/flows/{flow}/schemes", json={"name": "two", "keep": ["a", "find"]})
    assert (strange.status_code, strange.json()["errors"][0]["field"]) == (422, "/keep/1")
    again = await house.client.post(f"/flows/{flow}/schemes", json={"name": " one ", "keep": []})
    assert (again.status_code, again.json()["code"]) == (409, "scheme_exists")
    other = await _make(house, flow, "two")
    renamed = await house.client.put(f"/schemes/{other['id']}", json={"name": "one", "keep": []})
    assert renamed.status_code == 409
    body = {"inputs": {}, "schemes": [scheme["id"], "0" * 32]}
    refused = await house.client.post(f"/flows/{flow}/tasks", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "/schemes/1")
    assert (await house.client.put("/schemes/%00", json={"name": "x", "keep": []})).status_code == 404


async def test_who_launches_sees_schemes_and_who_edits_changes_them(house: OrchestratorHouse) -> None:
    flow = await _published(house, "a")
    scheme = await _make(house, flow, "one", "a")
    house.authorizer.allow("lee", ResourceKind.FLOW, flow, Action.FLOW_LAUNCH)
    for name, status in (("lee", 200), ("viewer", 200), ("stranger", 403)):
        assert (await house.client.get(f"/flows/{flow}/schemes", headers=as_user(name))).status_code == status
    for name in ("lee", "viewer"):
        body = {"name": "mine", "keep": []}
        assert (await house.client.post(f"/flows/{flow}/schemes", json=body, headers=as_user(name))).status_code == 403
        assert (await house.client.delete(f"/schemes/{scheme['id']}", headers=as_user(name))).status_code == 403
    assert (await house.client.delete(f"/schemes/{scheme['id']}", headers=as_user("dev"))).status_code == 204
    async with house.database.reading() as session:
        rows = (await session.execute(select(AuditRecord).order_by(col(AuditRecord.id)))).scalars().all()
    assert [(row.action, row.actor) for row in rows if row.resource_kind == "scheme"] == [
        ("scheme.created", "admin"),
        ("scheme.deleted", "dev"),
    ]


async def test_schemes_are_brought_from_elsewhere(house: OrchestratorHouse) -> None:
    flow = await _published(house, "a", "b")
    await _make(house, flow, "one", "a")
    schemes = [{"name": "one", "keep": ["b", "gone"]}, {"name": "two", "keep": []}]
    brought = (await house.client.post(f"/flows/{flow}/schemes:import", json={"schemes": schemes})).json()["items"]
    assert [(each["name"], each["keep"], each["leave_out"]) for each in brought] == [
        ("one", ["b"], ["a"]),
        ("two", [], ["a", "b"]),
    ]
    assert len((await house.client.get(f"/flows/{flow}/schemes")).json()["items"]) == 2


async def test_a_schedule_starts_tasks_by_schemes_and_keeps_them(house: OrchestratorHouse) -> None:
    flow = await _published(house, "a", "b")
    scheme = await _make(house, flow, "one", "a")
    body = {"name": "hourly", "cron": "0 * * * *", "schemes": [scheme["id"]]}
    wrong = await house.client.post(f"/flows/{flow}/schedules", json={**body, "schemes": ["nowhere"]})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "/schemes/0")
    made = (await house.client.post(f"/flows/{flow}/schedules", json=body, headers=as_user("dev"))).json()
    assert made["schemes"] == [scheme["id"]]
    run = (await house.client.post(f"/schedules/{made['id']}:run")).json()
    assert (run["outcome"], run["reason"]) == ("started", "")
    async with house.database.reading() as session:
        (document,) = (await session.execute(select(TaskDefinition.document))).scalars()
    assert document["left_out"] == ["b"]
    kept = await house.client.delete(f"/schemes/{scheme['id']}")
    assert (kept.status_code, kept.json()["code"]) == (409, "scheme_used")
    assert "hourly" in kept.json()["detail"]


async def test_mini_apps_and_triggers_start_tasks_by_schemes_and_keep_them(house: OrchestratorHouse) -> None:
    flow = await _published(house, "a", "b")
    scheme = await _make(house, flow, "one", "a")
    app = {"code": "check", "name": "Check", "schemes": [scheme["id"]]}
    hook = {"kind": "webhook", "name": "alarms", "authentication": "bearer", "schemes": [scheme["id"]]}
    for path, body in (("mini-apps", app), ("triggers", hook)):
        wrong = await house.client.post(f"/flows/{flow}/{path}", json={**body, "schemes": ["nowhere"]})
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "/schemes/0")
    assert (await house.client.post(f"/flows/{flow}/mini-apps", json=app)).json()["schemes"] == [scheme["id"]]
    made = (await house.client.post(f"/flows/{flow}/triggers", json=hook, headers=as_user("dev"))).json()
    opened = await house.client.post("/mini-apps/check/tasks", json={"inputs": {}})
    bearer = {"Authorization": f"Bearer {made['secret']}", "X-Test-User": ""}
    called = await house.client.post(f"/hooks/{made['trigger']['id']}", json={}, headers=bearer)
    assert (opened.status_code, called.status_code) == (201, 202)
    for task in (opened.json()["id"], called.json()["task_id"]):
        seen = (await house.client.get(f"/tasks/{task}", headers=as_user("dev"))).json()
        assert seen["definition"]["left_out"] == ["b"]
    kept = (await house.client.delete(f"/schemes/{scheme['id']}")).json()["detail"]
    assert ("Check" in kept, "alarms" in kept) == (True, True)
