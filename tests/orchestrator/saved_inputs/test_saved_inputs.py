"""Inputs kept under a name, those of the last launch, and what a launch would do."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from kernel.audit.models import AuditRecord
from kernel.contracts.authorizer import Action, ResourceKind
from kernel.db.database import Database
from orchestrator.saved_inputs import service
from tests.support.contracts import plugin
from tests.support.orchestrator import PROJECT, OrchestratorHouse, as_user, flow_of, plugin_node

FORM = {
    "schema": {
        "type": "object",
        "properties": {
            "host": {"type": "string"},
            "count": {"type": "integer", "minimum": 1, "default": 3},
            "key": {"type": "string", "writeOnly": True},
        },
        "required": ["host"],
        "additionalProperties": False,
    }
}
FLOW = flow_of(
    plugin_node("find", inputs={"text": "host ${inputs.host}", "n": "${inputs.count}"}),
    plugin_node("df", inputs={"seen": ["${nodes.find.outputs.text}", "${task.name}"]}, optional=True, name="Disk"),
    form=FORM,
)


@pytest.fixture
async def flow(house: OrchestratorHouse) -> str:
    house.plugins.by_project[PROJECT.id] = [plugin("echo")]
    made = await house.publish(FLOW)
    await house.client.put(f"/flows/{made}/launchers/lee")
    return made


async def _save(house: OrchestratorHouse, flow: str, by: str = "lee", **body: Any) -> tuple[int, dict[str, Any]]:
    answered = await house.client.post(f"/flows/{flow}/saved-inputs", json={"name": "mine"} | body, headers=as_user(by))
    return answered.status_code, answered.json()


async def _names(house: OrchestratorHouse, flow: str, by: str) -> list[str]:
    found = await house.client.get(f"/flows/{flow}/saved-inputs", headers=as_user(by))
    return [each["name"] for each in found.json()["items"]]


async def test_inputs_are_kept_for_oneself_or_shown_to_all_who_may_launch(house: OrchestratorHouse, flow: str) -> None:
    status, mine = await _save(house, flow, inputs={"count": 5})
    assert (status, mine["inputs"], mine["owner"], mine["shared"]) == (201, {"count": 5}, "lee", False)
    await _save(house, flow, by="dev", name="ours", inputs={"host": "a"}, shared=True)
    assert await _names(house, flow, "lee") == ["mine", "ours"]
    assert await _names(house, flow, "dev") == ["ours"]
    assert (await _save(house, flow, name="theirs", shared=True))[0] == 403
    assert (await house.client.get(f"/flows/{flow}/saved-inputs", headers=as_user("nobody"))).status_code == 403


async def test_only_their_owner_changes_them_and_who_edits_the_flow_may_delete_them(
    house: OrchestratorHouse, flow: str, database: Database
) -> None:
    _, mine = await _save(house, flow, inputs={"host": "a"})
    place, body = f"/saved-inputs/{mine['id']}", {"name": "better", "inputs": {"host": "b"}}
    assert (await house.client.put(place, json=body, headers=as_user("dev"))).status_code == 403
    assert (await house.client.put(place, json=body, headers=as_user("lee"))).json()["inputs"] == {"host": "b"}
    house.authorizer.allow("kim", ResourceKind.FLOW, flow, Action.FLOW_LAUNCH)
    assert (await house.client.delete(place, headers=as_user("kim"))).status_code == 403
    assert (await house.client.delete(place, headers=as_user("dev"))).status_code == 204
    assert (await house.client.delete(place, headers=as_user("dev"))).status_code == 404
    async with database.reading() as session:
        kind = col(AuditRecord.resource_kind) == "saved_inputs"
        noted = (await session.execute(select(AuditRecord).where(kind).order_by(col(AuditRecord.id)))).scalars().all()
    assert [each.action for each in noted] == ["inputs.saved", "inputs.changed", "inputs.deleted"]
    assert noted[0].after == {"flow": flow, "name": "mine", "shared": False, "inputs": ["host"]}


async def test_a_name_is_taken_once_even_at_the_same_moment(house: OrchestratorHouse, flow: str) -> None:
    found = await asyncio.gather(*(_save(house, flow) for _ in range(3)))
    assert sorted(status for status, _ in found) == [201, 409, 409]
    _, other = await _save(house, flow, name="other")
    renamed = await house.client.put(f"/saved-inputs/{other['id']}", json={"name": "mine"}, headers=as_user("lee"))
    assert (renamed.status_code, renamed.json()["code"]) == (409, "name_taken")


async def test_nobody_keeps_them_without_end(
    house: OrchestratorHouse, flow: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST", 1)
    assert (await _save(house, flow))[0] == 201
    assert (await _save(house, flow, name="more"))[1]["code"] == "too_many_saved_inputs"
    assert (await _save(house, flow, by="dev"))[0] == 201


@pytest.mark.parametrize(
    ("inputs", "field"),
    [({"key": "prod"}, "/inputs/key"), ({"count": 0}, "/inputs/count"), ({"gone": 1}, "/inputs/gone")],
)
async def test_what_does_not_fit_or_is_secret_is_not_kept(
    house: OrchestratorHouse, flow: str, inputs: dict[str, Any], field: str
) -> None:
    status, refused = await _save(house, flow, inputs=inputs)
    assert (status, [error["field"] for error in refused["errors"]]) == (422, [field])
    assert await _names(house, flow, "lee") == []


async def test_what_the_newest_form_takes_no_more_is_dropped_and_told(house: OrchestratorHouse, flow: str) -> None:
    await _save(house, flow, inputs={"host": "a", "count": 7})
    changed = {**FORM["schema"], "properties": {"host": {"type": "string"}, "count": {"type": "string"}}}
    newer = FLOW | {"form": {"schema": changed}}
    await house.client.put(f"/flows/{flow}/draft", json={"definition": newer, "draft_version": 2})
    assert (await house.client.post(f"/flows/{flow}:publish")).status_code == 201
    (kept,) = (await house.client.get(f"/flows/{flow}/saved-inputs", headers=as_user("lee"))).json()["items"]
    assert (kept["inputs"], kept["dropped"]) == ({"host": "a"}, ["count"])


async def test_the_last_inputs_are_those_of_the_caller_s_newest_task_without_secrets(
    house: OrchestratorHouse, flow: str
) -> None:
    place = f"/flows/{flow}/last-inputs"
    assert (await house.client.get(place, headers=as_user("lee"))).json() is None
    for host in ("a", "b"):
        body = {"inputs": {"host": host, "key": "prod"}}
        task = (await house.client.post(f"/flows/{flow}/tasks", json=body, headers=as_user("lee"))).json()["id"]
    await house.client.post(f"/flows/{flow}/tasks", json={"inputs": {"host": "c"}})
    last = (await house.client.get(place, headers=as_user("lee"))).json()
    assert (last["task_id"], last["inputs"], last["dropped"]) == (task, {"host": "b", "count": 3}, ["key"])
    assert (await house.client.get(place, headers=as_user("nobody"))).status_code == 403


async def test_a_review_tells_what_is_missing_and_what_each_step_would_be_given(
    house: OrchestratorHouse, flow: str
) -> None:
    async def review(**body: Any) -> dict[str, Any]:
        answered = await house.client.post(f"/flows/{flow}:review", json=body, headers=as_user("lee"))
        assert answered.status_code == 200, answered.text
        found: dict[str, Any] = answered.json()
        return found

    good = await review(inputs={"host": "web-1"}, name="tonight")
    assert (good["problems"], good["revision"]) == ([], 1)
    find, disk = good["steps"]
    assert (find["inputs"], find["waits_for"]) == ({"text": "host web-1", "n": 3}, [])
    assert disk["inputs"] == {"seen": ["${nodes.find.outputs.text}", "tonight"]}
    assert (disk["name"], disk["waits_for"]) == ("Disk", ["nodes.find.outputs.text"])
    bad = await review(inputs={"count": 0}, leave_out=["gone"])
    assert sorted(each["field"] for each in bad["problems"]) == ["/inputs/count", "/inputs/host", "/leave_out/0"]
    assert bad["steps"][0]["inputs"] == {"n": 0, "text": "host ${inputs.host}"}
    assert [each["node_id"] for each in (await review(inputs={"host": "a"}, leave_out=["df"]))["steps"]] == ["find"]
    assert (await house.client.get(f"/flows/{flow}/tasks")).status_code == 405


async def test_a_review_shows_no_secret(house: OrchestratorHouse) -> None:
    house.plugins.by_project[PROJECT.id] = [plugin("echo")]
    flow = await house.publish(flow_of(plugin_node("find", inputs={"text": "${inputs.key}"}), form=FORM))
    body = {"inputs": {"host": "a", "key": "prod"}}
    answered = await house.client.post(f"/flows/{flow}:review", json=body)
    assert answered.status_code == 200
    assert "prod" not in answered.text
