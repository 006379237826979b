import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from kernel.audit.models import AuditRecord
from kernel.contracts.authorizer import Action, ResourceKind
from kernel.db.pages import PageRequest
from kernel.principal import Principal, PrincipalKind
from kernel.services import KernelServices
from orchestrator.runtime.models import Task, TaskDefinition
from tests.support.contracts import plugin
from tests.support.orchestrator import OTHER_PROJECT, PROJECT, OrchestratorHouse, as_user, flow_of, plugin_node

FORM = {
    "schema": {
        "type": "object",
        "properties": {
            "ip": {"type": "string", "format": "ipv4", "title": "IP"},
            "threshold": {"type": "integer", "minimum": 1, "maximum": 100, "default": 80},
        },
        "required": ["ip"],
        "additionalProperties": False,
    },
    "i18n": {"zh": {"ip.label": "地址"}},
}
FLOW = flow_of(plugin_node("find", "find", inputs={"ip": "${inputs.ip}"}), form=FORM)
INPUTS = {"ip": "10.0.0.1"}


@pytest.fixture(autouse=True)
def installed(house: OrchestratorHouse) -> None:
    house.plugins.by_project[PROJECT.id] = [plugin("find", scopes=("cmdb:read", "cmdb:count"))]


async def _tasks(kernel: KernelServices) -> int:
    async with kernel.database.reading() as session:
        return (await session.execute(select(func.count()).select_from(Task))).scalar_one()


async def test_a_launcher_sees_his_flow_fills_in_its_form_and_launches_it(house: OrchestratorHouse) -> None:
    flow = await house.publish(FLOW)
    shared = await house.client.put(f"/flows/{flow}/launchers/lee", headers=as_user("dev"))
    assert shared.status_code == 204
    lee = as_user("lee")
    (launchable,) = (await house.client.get("/launchable", headers=lee)).json()["items"]
    assert launchable == {
        "flow_id": flow,
        "project": {"id": PROJECT.id, "code": "shop", "name": "Shop"},
        "name": "Check disks",
        "description": "",
        "revision": 1,
    }
    form = (await house.client.get(f"/flows/{flow}/launch-form", headers=lee)).json()
    assert form["form"] == {"schema": FORM["schema"], "uischema": None, "i18n": FORM["i18n"]}
    launched = await house.client.post(
        f"/flows/{flow}/tasks", json={"inputs": INPUTS, "revision": form["revision"], "name": "mine"}, headers=lee
    )
    assert launched.status_code == 201, launched.text
    task = launched.json()
    assert task["inputs"] == {"ip": "10.0.0.1", "threshold": 80}
    assert (task["state"], task["created_by"], task["name"], task["revision"]) == ("CREATED", "lee", "mine", 1)
    assert task["definition"]["nodes"][1]["plugin"] == "find"
    assert {node["state"] for node in task["nodes"].values()} == {"PENDING"}
    assert (await house.client.get(f"/tasks/{task['id']}", headers=lee)).json() == task


async def test_a_launcher_may_do_nothing_else(house: OrchestratorHouse) -> None:
    mine, other = await house.publish(FLOW), await house.publish(FLOW)
    await house.client.put(f"/flows/{mine}/launchers/lee")
    lee = as_user("lee")
    assert (await house.client.get(f"/flows/{mine}", headers=lee)).status_code == 403
    assert (await house.client.get(f"/flows/{other}/launch-form", headers=lee)).status_code == 403
    assert (await house.client.post(f"/flows/{other}/tasks", json={"inputs": INPUTS}, headers=lee)).status_code == 403
    assert (await house.client.put(f"/flows/{mine}/launchers/kim", headers=lee)).status_code == 403
    assert (await house.client.get("/projects/shop/tasks", headers=lee)).status_code == 403
    somebodys = (await house.client.post(f"/flows/{mine}/tasks", json={"inputs": INPUTS})).json()["id"]
    assert (await house.client.get(f"/tasks/{somebodys}", headers=lee)).status_code == 403
    assert (await house.client.post(f"/tasks/{somebodys}:revoke", headers=lee)).status_code == 403


async def test_taking_launch_away_takes_it_away(house: OrchestratorHouse) -> None:
    flow = await house.publish(FLOW)
    await house.client.put(f"/flows/{flow}/launchers/lee")
    assert (await house.client.delete(f"/flows/{flow}/launchers/lee")).status_code == 204
    assert (await house.client.get("/launchable", headers=as_user("lee"))).json()["items"] == []
    refused = await house.client.post(f"/flows/{flow}/tasks", json={"inputs": INPUTS}, headers=as_user("lee"))
    assert refused.status_code == 403


async def test_a_role_on_the_project_lets_launch_all_its_published_flows(house: OrchestratorHouse) -> None:
    flow = await house.publish(FLOW)
    await house.make_flow(name="not published")
    house.authorizer.allow("op", ResourceKind.PROJECT, PROJECT.id, Action.FLOW_LAUNCH)
    for name in ("op", "admin"):
        found = (await house.client.get("/launchable", headers=as_user(name))).json()["items"]
        assert [each["flow_id"] for each in found] == [flow]


@pytest.mark.parametrize("who", ["lee", "op", "admin", "nobody"])
async def test_a_token_for_one_project_lists_what_may_be_launched_there(house: OrchestratorHouse, who: str) -> None:
    """Whether by a role on the flow, on its project, or as administrator."""
    flow = await house.publish(FLOW)
    await house.client.put(f"/flows/{flow}/launchers/lee")
    house.authorizer.allow("op", ResourceKind.PROJECT, PROJECT.id, Action.FLOW_LAUNCH)
    for project, expected in ((PROJECT.id, [flow] if who != "nobody" else []), (OTHER_PROJECT.id, [])):
        caller = Principal(PrincipalKind.USER, who, is_admin=who == "admin", confined_to=project)
        async with house.database.reading() as session:
            found = await house.unit.launches.launchable(session, caller, PageRequest())
        assert [each.flow.id for each in found.items] == expected


async def test_a_flow_without_a_form_takes_no_inputs(house: OrchestratorHouse) -> None:
    flow = await house.publish(flow_of(plugin_node("find", "find")))
    form = (await house.client.get(f"/flows/{flow}/launch-form")).json()["form"]
    assert form["schema"]["properties"] == {}
    assert (await house.client.post(f"/flows/{flow}/tasks", json={})).status_code == 201
    refused = await house.client.post(f"/flows/{flow}/tasks", json={"inputs": {"ip": "x"}})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "/inputs/ip")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"inputs": {}}, "/inputs/ip"),
        ({"inputs": {"ip": "not an address"}}, "/inputs/ip"),
        ({"inputs": {"ip": 7}}, "/inputs/ip"),
        ({"inputs": INPUTS | {"threshold": 101}}, "/inputs/threshold"),
        ({"inputs": INPUTS | {"threshold": "80"}}, "/inputs/threshold"),
        ({"inputs": INPUTS | {"host": 1}}, "/inputs/host"),
        ({"inputs": []}, "inputs"),
        ({"inputs": INPUTS, "revision": 0}, "revision"),
        ({"inputs": INPUTS, "revision": "1"}, "revision"),
        ({"inputs": INPUTS, "name": ""}, "name"),
        ({"inputs": INPUTS, "name": "x" * 201}, "name"),
        ({"inputs": INPUTS, "scopes": ["all"]}, "scopes"),
        ({"inputs": {"ip": "\x00"}}, "inputs.ip"),
    ],
)
async def test_wrong_inputs_are_named_and_start_nothing(
    house: OrchestratorHouse, kernel: KernelServices, body: dict[str, Any], field: str
) -> None:
    flow = await house.publish(FLOW)
    refused = await house.client.post(f"/flows/{flow}/tasks", json=body, headers={"Idempotency-Key": "k"})
    assert refused.status_code == 422, refused.text
    assert field in [error["field"] for error in refused.json()["errors"]]
    assert await _tasks(kernel) == 0
    accepted = await house.client.post(
        f"/flows/{flow}/tasks", json={"inputs": INPUTS}, headers={"Idempotency-Key": "k"}
    )
    assert accepted.status_code == 201


async def test_the_revision_of_the_form_is_launched_even_when_a_newer_one_stands(house: OrchestratorHouse) -> None:
    flow = await house.publish(FLOW)
    await house.client.post(f"/flows/{flow}:publish")
    older = await house.client.post(f"/flows/{flow}/tasks", json={"inputs": INPUTS, "revision": 1})
    latest = await house.client.post(f"/flows/{flow}/tasks", json={"inputs": INPUTS})
    assert (older.json()["revision"], latest.json()["revision"]) == (1, 2)
    assert (await house.client.post(f"/flows/{flow}/tasks", json={"inputs": INPUTS, "revision": 3})).status_code == 404


async def test_an_unpublished_flow_is_not_launched(house: OrchestratorHouse) -> None:
    flow = await house.make_flow(FLOW)
    assert (await house.client.get(f"/flows/{flow}/launch-form")).status_code == 404
    assert (await house.client.post(f"/flows/{flow}/tasks", json={"inputs": INPUTS})).status_code == 404


async def test_the_same_key_starts_one_task_even_at_the_same_moment(
    house: OrchestratorHouse, kernel: KernelServices
) -> None:
    flow = await house.publish(FLOW)
    key = {"Idempotency-Key": "once"}
    answers = await asyncio.gather(
        *(house.client.post(f"/flows/{flow}/tasks", json={"inputs": INPUTS}, headers=key) for _ in range(5))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await _tasks(kernel) == 1


async def test_a_key_belongs_to_one_person_and_one_launch(house: OrchestratorHouse, kernel: KernelServices) -> None:
    flow = await house.publish(FLOW)
    key = {"Idempotency-Key": "once"}
    first = await house.client.post(f"/flows/{flow}/tasks", json={"inputs": INPUTS}, headers=key)
    other = await house.client.post(f"/flows/{flow}/tasks", json={"inputs": {"ip": "10.0.0.2"}}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    somebody = await house.client.post(f"/flows/{flow}/tasks", json={"inputs": INPUTS}, headers=key | as_user("dev"))
    assert (somebody.status_code, somebody.json()["id"] != first.json()["id"]) == (201, True)
    assert await _tasks(kernel) == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "ключ".encode().decode("latin-1")])
async def test_a_key_of_the_wrong_form_is_refused(house: OrchestratorHouse, key: str) -> None:
    flow = await house.publish(FLOW)
    headers = [(b"Idempotency-Key", key.encode("latin-1"))]
    refused = await house.client.post(f"/flows/{flow}/tasks", json={"inputs": INPUTS}, headers=headers)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "idempotency-key")


async def test_a_task_may_use_what_its_revision_needs_and_the_project_consents_to_now(
    house: OrchestratorHouse, kernel: KernelServices
) -> None:
    flow = await house.publish(FLOW)
    house.plugins.by_project[PROJECT.id] = [plugin("find", scopes=("cmdb:read", "cmdb:write"))]
    task = (await house.client.post(f"/flows/{flow}/tasks", json={"inputs": INPUTS})).json()["id"]
    async with kernel.database.reading() as session:
        row = (await session.execute(select(Task).where(col(Task.id) == task))).scalar_one()
    assert row.scopes == ["cmdb:read"]
    assert row.start_at is not None


async def test_a_flow_whose_plugin_was_removed_is_not_launched(
    house: OrchestratorHouse, kernel: KernelServices
) -> None:
    flow = await house.publish(FLOW)
    house.plugins.by_project[PROJECT.id] = [plugin("find", version="2.0.0")]
    refused = await house.client.post(f"/flows/{flow}/tasks", json={"inputs": INPUTS})
    assert (refused.status_code, refused.json()["code"]) == (409, "plugin_not_installed")
    assert "find 1.0.0" in refused.json()["detail"]
    assert await _tasks(kernel) == 0


async def test_launch_and_sharing_are_in_the_audit_log(house: OrchestratorHouse, kernel: KernelServices) -> None:
    flow = await house.publish(FLOW)
    await house.client.put(f"/flows/{flow}/launchers/lee", headers=as_user("dev"))
    launched = await house.client.post(f"/flows/{flow}/tasks", json={"inputs": INPUTS}, headers=as_user("lee"))
    task = launched.json()["id"]
    await house.client.delete(f"/flows/{flow}/launchers/lee", headers=as_user("dev"))
    async with kernel.database.reading() as session:
        found = (await session.execute(select(AuditRecord).order_by(col(AuditRecord.id)))).scalars().all()
    shared, started, unshared = found[-3:]
    assert (shared.action, shared.actor, shared.after) == ("flow.shared", "dev", {"launcher": "lee"})
    assert (started.action, started.actor, started.task_id) == ("task.launched", "lee", task)
    assert started.after is not None
    assert (started.after["flow"], started.after["revision"]) == (flow, 1)
    assert (unshared.action, unshared.before) == ("flow.unshared", {"launcher": "lee"})


async def test_tasks_of_one_revision_share_its_definition(house: OrchestratorHouse, kernel: KernelServices) -> None:
    flow = await house.publish(FLOW)
    for _ in range(3):
        await house.client.post(f"/flows/{flow}/tasks", json={"inputs": INPUTS})
    async with kernel.database.reading() as session:
        kept = (await session.execute(select(func.count()).select_from(TaskDefinition))).scalar_one()
    assert kept == 1


@pytest.mark.parametrize("username", ["%00", "%0a", "x" * 129])
async def test_a_name_that_is_none_is_refused(house: OrchestratorHouse, username: str) -> None:
    flow = await house.publish(FLOW)
    refused = await house.client.put(f"/flows/{flow}/launchers/{username}")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "username")


async def test_a_task_that_was_made_without_a_start_waits_for_it(running_house: OrchestratorHouse) -> None:
    flow = await running_house.publish(
        flow_of(
            plugin_node("say", inputs={"x": "${inputs.x}"}),
            form={"schema": {"type": "object", "properties": {"x": {}}}},
        )
    )
    made = await running_house.client.post(f"/flows/{flow}/tasks", json={"inputs": {"x": 1}, "start": False})
    task = made.json()["id"]
    assert (made.json()["state"], made.json()["started_at"]) == ("CREATED", None)
    changed = await running_house.client.post(f"/tasks/{task}:change-inputs", json={"inputs": {"x": 2}})
    assert (changed.status_code, changed.json()["state"]) == (200, "CREATED")
    assert (await running_house.client.post(f"/tasks/{task}:start", headers=as_user("viewer"))).status_code == 403
    answers = await asyncio.gather(*(running_house.client.post(f"/tasks/{task}:start") for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    done = await running_house.until(task, "FINISHED")
    assert done["inputs"] == {"x": 2}
    assert (await running_house.client.post(f"/tasks/{task}:start")).status_code == 409


async def test_a_definition_that_is_no_flows_runs_once(running_house: OrchestratorHouse) -> None:
    body = {"name": "once", "definition": flow_of(plugin_node("say", inputs={"x": 1}))}
    made = await running_house.client.post("/projects/shop/tasks", json=body, headers=as_user("dev"))
    assert (made.status_code, made.json()["flow_id"]) == (201, "")
    await running_house.until(made.json()["id"], "FINISHED")
    for wrong, status, who in (
        ({"definition": flow_of(plugin_node("x", "gone"))}, 422, "dev"),
        ({"definition": {}}, 422, "dev"),
        ({"inputs": {"x": 1}}, 422, "dev"),
        ({}, 403, "viewer"),
    ):
        answer = await running_house.client.post("/projects/shop/tasks", json={**body, **wrong}, headers=as_user(who))
        assert answer.status_code == status


async def test_a_preview_draws_what_would_run_without_optional_nodes(house: OrchestratorHouse) -> None:
    timers = [{"id": name, "kind": "timer", "seconds": 1, "optional": True} for name in ("a", "b", "c")]
    fork = [{"id": "fork", "kind": "parallel"}, {"id": "join", "kind": "join"}]
    edges = ["start>a", "a>fork", "fork>b", "fork>c", "b>join", "c>join", "join>end"]
    flow = await house.publish(flow_of(*timers, *fork, edges=edges))

    async def drawn(*left_out: str) -> list[str]:
        answer = (await house.client.post(f"/flows/{flow}:preview", json={"leave_out": list(left_out)})).json()
        return sorted(f"{edge['source']}>{edge['target']}" for edge in answer["definition"]["edges"])

    assert await drawn() == sorted(edges)
    assert await drawn("a") == ["b>join", "c>join", "fork>b", "fork>c", "join>end", "start>fork"]
    assert await drawn("b") == ["a>fork", "c>join", "fork>c", "join>end", "start>a"]
    assert await drawn("a", "b", "c") == ["start>end"]
    assert (await house.client.post(f"/flows/{flow}:preview", json={"leave_out": ["end"]})).status_code == 422
