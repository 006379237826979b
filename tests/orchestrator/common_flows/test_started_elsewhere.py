"""Schedules, triggers and mini-apps of a flow that another project shares: its tasks are those of who uses it."""

from typing import Any

import pytest
from sqlmodel import col, select

from kernel.clock import ManualClock
from kernel.contracts.authorizer import Action, ResourceKind
from kernel.contracts.plugin_directory import InstalledPlugin
from kernel.contracts.plugin_uses import UsePlace
from orchestrator.runtime.models import Task
from tests.support.contracts import plugin
from tests.support.orchestrator import OTHER_PROJECT, PROJECT, OrchestratorHouse, as_user, flow_of, plugin_node

FORM = {
    "schema": {
        "type": "object",
        "properties": {"why": {"type": "string"}, "key": {"type": "string", "writeOnly": True}},
        "additionalProperties": False,
    }
}
FLOW = flow_of(plugin_node("find", "find"), form=FORM)
EVERY_HOUR: dict[str, Any] = {
    "name": "hourly",
    "cron": "0 * * * *",
    "overlap": "allow",
    "inputs": {"why": "time", "key": "s3cret"},
}
HOOK = {"kind": "webhook", "name": "alarms", "authentication": "bearer", "mapping": {"why": "${payload.alarm}"}}
ON_HOSTS = {"kind": "inventory", "name": "hosts", "resource": "host", "mapping": {"why": "${event.type}"}}
APP = {"code": "find-hosts", "name": "Find hosts", "fixed": {"why": "app"}}
MAKER = (Action.FLOW_VIEW, Action.FLOW_EDIT, Action.FLOW_LAUNCH, Action.FLOW_SHARE, Action.TASK_VIEW)


def _find() -> list[InstalledPlugin]:
    return [plugin("find", scopes=("cmdb:read",))]


@pytest.fixture
async def flow(house: OrchestratorHouse) -> str:
    """Of the shop, shared with the bank, where `ben` makes what starts it; `keeper` has every role on the flow."""
    house.plugins.by_project = {PROJECT.id: _find(), OTHER_PROJECT.id: _find()}
    made = await house.publish(FLOW, "Common")
    shared = await house.client.put(f"/flows/{made}/common", json={"projects": ["bank"]})
    assert shared.status_code == 200, shared.text
    house.authorizer.allow("ben", ResourceKind.PROJECT, OTHER_PROJECT.id, *MAKER)
    house.authorizer.allow("keeper", ResourceKind.FLOW, made, *MAKER, Action.TASK_OPERATE, Action.MINI_APP_OPEN)
    return made


async def _make(house: OrchestratorHouse, flow: str, kind: str, body: dict[str, Any], by: str = "ben") -> Any:
    return await house.client.post(f"/flows/{flow}/{kind}?project=bank", json=body, headers=as_user(by))


async def _tasks(house: OrchestratorHouse) -> list[Task]:
    async with house.database.reading() as session:
        return list((await session.execute(select(Task).order_by(col(Task.id)))).scalars())


def _is_the_banks(task: Task, flow: str, by: str) -> bool:
    place = (task.project_id, task.project_code, task.common, task.flow_id, task.scopes, task.created_by)
    return place == (OTHER_PROJECT.id, "bank", True, flow, ["cmdb:read"], by)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("kind", "body", "path"),
    [("schedules", EVERY_HOUR, "/schedules/{id}"), ("mini-apps", APP, "/mini-apps/{code}"), ("triggers", HOOK, "")],
)
async def test_roles_of_the_project_count_and_those_on_the_flow_do_not(
    house: OrchestratorHouse, flow: str, kind: str, body: dict[str, Any], path: str
) -> None:
    for name in ("keeper", "dev"):
        assert (await _make(house, flow, kind, body, name)).status_code == 403
    made = await _make(house, flow, kind, body)
    assert made.status_code == 201, made.text
    view = made.json().get("trigger", made.json())
    assert (view["project_id"], view["common"], view["flow_id"]) == (OTHER_PROJECT.id, True, flow)
    (listed,) = (await house.client.get(f"/projects/bank/{kind}", headers=as_user("ben"))).json()["items"]
    assert listed["id"] == view["id"]
    assert (await house.client.get(f"/projects/shop/{kind}")).json()["items"] == []
    place = path.format(**view) or f"/triggers/{view['id']}"
    for name, status in (("ben", 200), ("keeper", 403), ("dev", 403)):
        assert (await house.client.get(place, headers=as_user(name))).status_code == status
    change = {name: value for name, value in body.items() if name not in {"kind", "code"}}
    change |= {"version": 1}
    assert (await house.client.put(place, json=change, headers=as_user("keeper"))).status_code == 403
    changed = await house.client.put(place, json={**change, "name": "other"}, headers=as_user("ben"))
    assert (changed.status_code, changed.json()["name"]) == (200, "other")
    # What is not shared with the project is started by nothing of it, and not made there either.
    await house.client.put(f"/flows/{flow}/common", json={"projects": ["shop"]})
    assert (await _make(house, flow, kind, body)).status_code == 404
    assert (await house.client.delete(place, headers=as_user("ben"))).status_code == 204


async def test_a_schedule_starts_tasks_of_the_project_by_its_own_means(
    house: OrchestratorHouse, flow: str, clock: ManualClock
) -> None:
    house.plugins.by_project[OTHER_PROJECT.id] = []
    lacking = await _make(house, flow, "schedules", EVERY_HOUR)
    assert (lacking.status_code, "find 1.0.0" in lacking.json()["detail"]) == (409, True)
    house.plugins.by_project[OTHER_PROJECT.id] = _find()
    schedule = (await _make(house, flow, "schedules", EVERY_HOUR)).json()["id"]
    clock.advance(hours=1)
    await house.unit.automatic.firing.fire_due()
    (task,) = await _tasks(house)
    assert _is_the_banks(task, flow, "ben")
    assert task.inputs["why"] == "time"
    assert (await _make(house, flow, "triggers", HOOK)).status_code == 201
    assert (await _make(house, flow, "mini-apps", APP)).status_code == 201
    starting = [UsePlace.SCHEDULE, UsePlace.TRIGGER, UsePlace.MINI_APP, UsePlace.TASK]
    for project, places in ((OTHER_PROJECT, starting), (PROJECT, [UsePlace.DRAFT, UsePlace.REVISION])):
        async with house.database.reading() as session:
            uses = await house.unit.plugin_uses.find(session, project.id, "find")
        assert [(use.place, use.flow_name) for use in uses] == [(place, "Common") for place in places]
    await house.client.delete(f"/flows/{flow}/common")
    clock.advance(hours=1)
    await house.unit.automatic.firing.fire_due()
    seen = (await house.client.get(f"/schedules/{schedule}")).json()
    assert (seen["last_run"]["outcome"], "No flow" in seen["last_run"]["reason"]) == ("refused", True)
    told = await house.client.get(f"/flows/{flow}/notices/deliveries")
    assert told.json()["items"] == [], "what the bank's owners are told is not the shop's to read"


async def test_triggers_start_tasks_of_the_project(house: OrchestratorHouse, flow: str) -> None:
    tried = await house.client.post(
        f"/flows/{flow}/triggers:try?project=bank",
        json={"trigger": HOOK, "sample": {"alarm": "disk"}},
        headers=as_user("ben"),
    )
    assert (tried.status_code, tried.json()["inputs"]) == (200, {"why": "disk"})
    made = (await _make(house, flow, "triggers", HOOK)).json()
    headers = {"Authorization": f"Bearer {made['secret']}", "X-Test-User": ""}
    called = await house.client.post(f"/hooks/{made['trigger']['id']}", json={"alarm": "disk"}, headers=headers)
    assert called.status_code == 202, called.text
    (task,) = await _tasks(house)
    assert _is_the_banks(task, flow, "ben")
    assert (await _make(house, flow, "triggers", ON_HOSTS)).status_code == 201
    assert house.grants.applied == [(OTHER_PROJECT.id, "cmdb.resource_watch")]
    await house.client.delete(f"/flows/{flow}/common")
    refused = await house.client.post(f"/hooks/{made['trigger']['id']}", json={"alarm": "disk"}, headers=headers)
    assert refused.status_code == 409
    assert len(await _tasks(house)) == 1


async def test_an_app_runs_in_the_project_and_is_open_to_whom_that_says(house: OrchestratorHouse, flow: str) -> None:
    made = await _make(house, flow, "mini-apps", APP)
    assert made.status_code == 201, made.text
    house.authorizer.allow("lee", ResourceKind.MINI_APP, made.json()["id"], Action.MINI_APP_OPEN)
    for name, opens in (("lee", ["find-hosts"]), ("keeper", [])):
        listed = (await house.client.get("/mini-apps", headers=as_user(name))).json()["items"]
        assert [each["code"] for each in listed] == opens
        page = await house.client.get("/mini-apps/find-hosts/page", headers=as_user(name))
        assert page.status_code == (200 if opens else 403)
    launched = await house.client.post("/mini-apps/find-hosts/tasks", json={"inputs": {}}, headers=as_user("lee"))
    assert launched.status_code == 201, launched.text
    (task,) = await _tasks(house)
    assert _is_the_banks(task, flow, "lee")
    everybodys = "/mini-apps/find-hosts/tasks?everybodys=true"
    for name, status in (("ben", 200), ("keeper", 403)):
        assert (await house.client.get(everybodys, headers=as_user(name))).status_code == status
    await house.client.delete(f"/flows/{flow}/common")
    for path, body in (("tasks", {"inputs": {}}), ("page", None)):
        way = "POST" if body is not None else "GET"
        gone = await house.client.request(way, f"/mini-apps/find-hosts/{path}", json=body, headers=as_user("lee"))
        assert (gone.status_code, "not shared" in gone.json()["detail"]) == (404, True)
