"""Tasks that are asked for: who may ask, who has it, and what becomes of it."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from kernel.audit.models import AuditRecord
from kernel.clock import ManualClock
from kernel.contracts.authorizer import Action, ResourceKind
from kernel.db.database import Database
from kernel.errors import PermissionDenied
from kernel.principal import Principal, PrincipalKind
from orchestrator.handover import service
from orchestrator.handover.states import CLAIMED_FOR, KEPT_OPEN
from orchestrator.notices.models import Notice
from tests.support.contracts import plugin
from tests.support.orchestrator import PROJECT, OrchestratorHouse, as_user, flow_of, plugin_node

FORM = {
    "schema": {
        "type": "object",
        "properties": {
            "host": {"type": "string"},
            "count": {"type": "integer", "default": 3},
            "key": {"type": "string", "writeOnly": True},
        },
        "required": ["host", "key"],
        "additionalProperties": False,
    }
}


@pytest.fixture
async def flow(house: OrchestratorHouse) -> str:
    house.plugins.by_project[PROJECT.id] = [plugin("echo")]
    made = await house.publish(flow_of(plugin_node("find"), form=FORM))
    house.authorizer.allow("lee", ResourceKind.FLOW, made, Action.FLOW_REQUEST)
    house.authorizer.allow("op", ResourceKind.PROJECT, PROJECT.id, Action.TASK_OPERATE, Action.FLOW_LAUNCH)
    return made


async def _submit(house: OrchestratorHouse, flow: str, by: str = "lee", **body: Any) -> dict[str, Any]:
    sent = {"inputs": {"host": "web-1"}, "note": "please"} | body
    answered = await house.client.post(f"/flows/{flow}/task-requests", json=sent, headers=as_user(by))
    assert answered.status_code == 201, answered.text
    view: dict[str, Any] = answered.json()
    return view


async def _do(house: OrchestratorHouse, request: str, what: str, by: str = "op", **body: Any) -> Any:
    return await house.client.post(f"/task-requests/{request}:{what}", json=body or None, headers=as_user(by))


async def _told(database: Database) -> list[tuple[str, list[str]]]:
    async with database.reading() as session:
        found = (await session.execute(select(Notice).order_by(col(Notice.id)))).scalars()
        return [(each.about, each.receivers) for each in found]


async def test_a_request_is_claimed_adjusted_run_and_watched(
    house: OrchestratorHouse, flow: str, database: Database
) -> None:
    form = (await house.client.get(f"/flows/{flow}/request-form", headers=as_user("lee"))).json()
    assert list(form["form"]["schema"]["properties"]) == ["host", "count"]
    (offered,) = (await house.client.get("/requestable", headers=as_user("lee"))).json()["items"]
    assert (offered["flow_id"], (await house.client.get("/launchable", headers=as_user("lee"))).json()["items"]) == (
        flow,
        [],
    )
    asked = await _submit(house, flow)
    (waiting,) = (await house.client.get("/projects/shop/task-requests?state=submitted", headers=as_user("op"))).json()[
        "items"
    ]
    assert waiting == asked | {"inputs": {"host": "web-1", "count": 3}}
    claimed = (await _do(house, asked["id"], "claim")).json()
    assert (claimed["state"], claimed["claimed_by"]) == ("claimed", "op")
    place = f"/task-requests/{asked['id']}/inputs"
    adjusted = await house.client.put(place, json={"inputs": {"host": "web-2", "count": 3}}, headers=as_user("op"))
    assert adjusted.json()["changes"] == [{"name": "host", "before": "web-1", "after": "web-2"}]
    refused = await _do(house, asked["id"], "start")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "/inputs/key")
    started = (await _do(house, asked["id"], "start", secrets={"key": "prod"})).json()
    assert (started["state"], started["task_state"], started["settled_by"]) == ("started", "CREATED", "op")
    task = await house.client.get(f"/tasks/{started['task_id']}", headers=as_user("lee"))
    assert task.status_code == 200
    assert (task.json()["created_by"], task.json()["origin"], task.json()["origin_id"]) == (
        "op",
        "request",
        asked["id"],
    )
    assert (await house.client.post(f"/tasks/{started['task_id']}:revoke", headers=as_user("lee"))).status_code == 403
    assert await _told(database) == [("request.claimed", ["lee"]), ("request.started", ["lee"])]
    async with database.reading() as session:
        kind = col(AuditRecord.resource_kind) == "task_request"
        noted = (await session.execute(select(AuditRecord).where(kind).order_by(col(AuditRecord.id)))).scalars().all()
    actions = ["request.submitted", "request.claimed", "request.adjusted", "request.started"]
    assert [each.action for each in noted] == actions
    assert "prod" not in str([each.after for each in noted])


async def test_what_is_no_secret_is_not_brought_in_at_the_start(house: OrchestratorHouse, flow: str) -> None:
    asked = await _submit(house, flow)
    await _do(house, asked["id"], "claim")
    refused = await _do(house, asked["id"], "start", secrets={"key": "prod", "count": 100, "gone": 1})
    assert refused.status_code == 422
    assert [each["field"] for each in refused.json()["errors"]] == ["/secrets/count", "/secrets/gone"]
    assert (await _do(house, asked["id"], "start", secrets={"key": "prod"})).json()["state"] == "started"


async def test_so_many_requests_of_one_person_wait_and_no_more(
    house: OrchestratorHouse, flow: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_OPEN", 1)
    asked = await _submit(house, flow)
    again = await house.client.post(
        f"/flows/{flow}/task-requests", json={"inputs": {"host": "b"}}, headers=as_user("lee")
    )
    assert (again.status_code, again.json()["code"]) == (409, "too_many_task_requests")
    await _do(house, asked["id"], "withdraw", "lee")
    await _submit(house, flow)


async def test_a_narrowed_credential_withdraws_only_what_its_owner_may_operate(
    house: OrchestratorHouse, flow: str
) -> None:
    asked = await _submit(house, flow)
    narrowed = Principal(PrincipalKind.USER, "lee", scopes=frozenset({"catalogue:read"}))
    with pytest.raises(PermissionDenied):
        async with house.database.unit_of_work() as session:
            await house.unit.handover.withdraw(session, narrowed, asked["id"])
    assert (await _do(house, asked["id"], "withdraw", "lee")).json()["state"] == "withdrawn"


async def test_of_several_who_claim_it_at_once_one_has_it(house: OrchestratorHouse, flow: str) -> None:
    for name in ("a", "b", "c"):
        house.authorizer.allow(name, ResourceKind.PROJECT, PROJECT.id, Action.TASK_OPERATE, Action.FLOW_LAUNCH)
    asked = await _submit(house, flow)
    answers = await asyncio.gather(*(_do(house, asked["id"], "claim", by) for by in ("a", "b", "c")))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    (winner,) = (answer.json()["claimed_by"] for answer in answers if answer.status_code == 200)
    loser = "a" if winner != "a" else "b"
    for what, body in (("start", {"secrets": {"key": "x"}}), ("reject", {"reason": "no"}), ("release", {})):
        assert (await _do(house, asked["id"], what, loser, **body)).json()["code"] == "request_claimed"
    both = await asyncio.gather(*(_do(house, asked["id"], "start", winner, secrets={"key": "x"}) for _ in range(2)))
    assert sorted(answer.status_code for answer in both) == [200, 409]


async def test_a_claim_runs_out_or_is_let_go(house: OrchestratorHouse, flow: str, clock: ManualClock) -> None:
    asked = await _submit(house, flow)
    await _do(house, asked["id"], "claim")
    assert (await _do(house, asked["id"], "claim", "dev")).status_code == 409
    assert (await _do(house, asked["id"], "release")).json()["state"] == "submitted"
    assert (await _do(house, asked["id"], "claim", "dev")).status_code == 200
    clock.advance(seconds=CLAIMED_FOR.total_seconds() + 1)
    assert (await _do(house, asked["id"], "start", "dev", secrets={"key": "x"})).json()["code"] == "request_claimed"
    assert (await _do(house, asked["id"], "claim")).json()["claimed_by"] == "op"


async def test_it_is_rejected_with_a_reason_or_withdrawn(
    house: OrchestratorHouse, flow: str, database: Database
) -> None:
    first, second = await _submit(house, flow), await _submit(house, flow)
    assert (await _do(house, first["id"], "reject")).status_code == 422
    assert (await _do(house, first["id"], "reject", reason="not today")).json()["state"] == "rejected"
    assert (await _do(house, second["id"], "withdraw", "op")).status_code == 409
    assert (await _do(house, second["id"], "withdraw", "lee")).json()["state"] == "withdrawn"
    for request in (first, second):
        assert (await _do(house, request["id"], "claim")).json()["code"] == "request_state"
    assert await _told(database) == [("request.rejected", ["lee"])]
    own = (await house.client.get("/task-requests", headers=as_user("lee"))).json()["items"]
    assert [(each["state"], each["reason"]) for each in own] == [("withdrawn", ""), ("rejected", "not today")]


async def test_a_request_nobody_runs_in_time_expires_and_who_asked_is_told(
    house: OrchestratorHouse, flow: str, database: Database, clock: ManualClock
) -> None:
    asked = await _submit(house, flow)
    clock.advance(seconds=KEPT_OPEN.total_seconds())
    assert (await _do(house, asked["id"], "claim")).json()["code"] == "request_state"
    for expected in (1, 0):
        async with database.unit_of_work() as session:
            assert await house.unit.handover.expire(session) == expected
    found = await house.client.get(f"/task-requests/{asked['id']}", headers=as_user("lee"))
    assert found.json()["state"] == "expired"
    assert await _told(database) == [("request.expired", ["lee"])]


async def test_the_people_a_flow_s_notices_name_hear_of_a_new_request(
    house: OrchestratorHouse, flow: str, database: Database
) -> None:
    await house.client.put("/projects/shop/notice-groups/on-call", json={"people": ["kim", "max"]})
    await house.client.put(f"/flows/{flow}/notices", json={"people": ["kim"], "groups": ["on-call"]})
    await _submit(house, flow)
    assert await _told(database) == [("request.submitted", ["kim", "max"])]


async def test_who_may_ask_sees_his_own_and_runs_nothing(house: OrchestratorHouse, flow: str) -> None:
    asked = await _submit(house, flow)
    lee, kim = as_user("lee"), as_user("kim")
    assert (await house.client.post(f"/flows/{flow}/tasks", json={"inputs": {}}, headers=lee)).status_code == 403
    assert (await _do(house, asked["id"], "claim", "lee")).status_code == 403
    assert (await house.client.get("/projects/shop/task-requests", headers=lee)).status_code == 403
    assert (await house.client.get(f"/task-requests/{asked['id']}", headers=lee)).status_code == 200
    assert (await house.client.get(f"/task-requests/{asked['id']}", headers=kim)).status_code == 403
    assert (await house.client.post(f"/flows/{flow}/task-requests", json={}, headers=kim)).status_code == 403
    for wrong in ({"inputs": {}}, {"inputs": {"host": "a", "key": "x"}}, {"inputs": {"host": 1}}):
        refused = await house.client.post(f"/flows/{flow}/task-requests", json=wrong, headers=lee)
        assert refused.status_code == 422
    assert len((await house.client.get("/task-requests", headers=lee)).json()["items"]) == 1
