import asyncio
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from kernel.audit.models import AuditRecord
from kernel.contracts.authorizer import Action, ResourceKind
from tests.orchestrator.schedules.conftest import EVERY_HOUR, Automat
from tests.support.orchestrator import as_user


async def test_a_launcher_keeps_schedules_of_his_own(automat: Automat) -> None:
    house = automat.house
    house.authorizer.allow("lee", ResourceKind.FLOW, automat.flow, Action.FLOW_LAUNCH)
    made = await automat.make("lee")
    lee = as_user("lee")
    assert [each["id"] for each in (await house.client.get("/schedules", headers=lee)).json()["items"]] == [made["id"]]
    assert (await house.client.get(f"/schedules/{made['id']}", headers=lee)).json() == made
    assert (await house.client.get("/projects/shop/schedules", headers=lee)).status_code == 403
    others = await automat.make("dev")
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", ":disable"), ("POST", ":run")):
        refused = await house.client.request(method, f"/schedules/{others['id']}{path}", headers=lee)
        assert refused.status_code == 403
    assert (await house.client.delete(f"/schedules/{made['id']}", headers=lee)).status_code == 204
    assert (await house.client.get(f"/schedules/{made['id']}", headers=lee)).status_code == 404


async def test_who_may_not_launch_makes_none(automat: Automat) -> None:
    refused = await automat.house.client.post(
        f"/flows/{automat.flow}/schedules", json=EVERY_HOUR, headers=as_user("viewer")
    )
    assert refused.status_code == 403


async def test_whoever_changes_what_is_started_becomes_the_owner(automat: Automat) -> None:
    made = await automat.make("dev")
    body = {**EVERY_HOUR, "inputs": {"n": 1}, "version": 1}
    changed = await automat.house.client.put(f"/schedules/{made['id']}", json=body)
    assert (changed.json()["owner"], changed.json()["created_by"]) == ("admin", "dev")
    switched = await automat.house.client.post(f"/schedules/{made['id']}:disable", headers=as_user("dev"))
    assert (switched.json()["owner"], switched.json()["enabled"]) == ("admin", False)


async def test_of_two_who_change_one_neither_overwrites_the_other(automat: Automat) -> None:
    made = await automat.make("dev")
    place = f"/schedules/{made['id']}"
    bodies = [{**EVERY_HOUR, "inputs": {"n": number}, "version": made["version"]} for number in (1, 2)]
    answers = await asyncio.gather(*(automat.house.client.put(place, json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (kept,) = (answer.json() for answer in answers if answer.status_code == 200)
    (refused,) = (answer.json() for answer in answers if answer.status_code == 409)
    assert (refused["code"], "version 2, changed by admin" in refused["detail"]) == ("stale_version", True)
    assert await automat.look(made["id"]) == kept
    # Who switches it off changes it too: a change made before would have switched it on again.
    await automat.house.client.post(f"{place}:disable", headers=as_user("dev"))
    late = await automat.house.client.put(place, json={**EVERY_HOUR, "version": kept["version"]})
    assert (late.status_code, "changed by dev" in late.json()["detail"]) == (409, True)
    assert (await automat.look(made["id"]))["enabled"] is False
    unsaid = await automat.house.client.put(place, json=EVERY_HOUR)
    assert (unsaid.status_code, unsaid.json()["errors"][0]["field"]) == (422, "version")


async def test_what_could_not_start_is_refused_at_once(automat: Automat) -> None:
    bodies: list[tuple[dict[str, Any], str]] = [
        ({"cron": "* * *"}, "cron"),
        ({"time_zone": "Mars"}, "time_zone"),
        ({"cron": None}, "start_at"),
        ({"start_at": "2026-01-02T03:04:05"}, "start_at"),
        ({"start_at": "9999-12-31T23:59:59-12:00"}, "start_at"),
        ({"end_at": "0001-01-01T00:00:00+12:00"}, "end_at"),
        ({"missed": "sometimes"}, "missed"),
        ({"overlap": "maybe"}, "overlap"),
        ({"inputs": {"n": "x"}}, "/inputs/n"),
        ({"leave_out": ["find"]}, "/leave_out/0"),
        ({"revision": 0}, "revision"),
        ({"owner": "root"}, "owner"),
        ({"name": ""}, "name"),
    ]
    for body, field in bodies:
        refused = await automat.house.client.post(f"/flows/{automat.flow}/schedules", json={**EVERY_HOUR, **body})
        assert refused.status_code == 422, refused.text
        assert field in [error["field"] for error in refused.json()["errors"]]
    assert (await automat.house.client.get("/projects/shop/schedules")).json()["items"] == []


async def test_the_next_times_are_shown_beforehand(automat: Automat) -> None:
    body = {"cron": "30 2 * * SUN", "time_zone": "Europe/Berlin", "start_at": "2026-03-20T00:00:00Z", "count": 3}
    shown = await automat.house.client.post("/schedules:preview", json=body)
    assert shown.json()["times"] == ["2026-03-22T01:30:00Z", "2026-03-29T01:00:00Z", "2026-04-05T00:30:00Z"]
    refused = await automat.house.client.post("/schedules:preview", json={"cron": "nonsense"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "cron")


async def test_a_schedule_runs_now_when_asked(automat: Automat) -> None:
    made = await automat.make("dev")
    run = (await automat.house.client.post(f"/schedules/{made['id']}:run")).json()
    (task,) = await automat.tasks()
    assert (run["outcome"], run["task_id"], run["by"], task.created_by) == ("started", task.id, "admin", "dev")
    assert (await automat.look(made["id"]))["next_at"] == made["next_at"]


async def test_a_list_can_be_of_one_flow(automat: Automat) -> None:
    made = await automat.make()
    found = await automat.house.client.get("/projects/shop/schedules", params={"flow": automat.flow})
    assert [each["id"] for each in found.json()["items"]] == [made["id"]]
    other = await automat.house.client.get("/projects/shop/schedules", params={"flow": "0" * 32})
    assert other.json()["items"] == []
    assert (await automat.house.client.get("/projects/shop/schedules?flow=%00")).status_code == 422
    assert (await automat.house.client.get("/projects/bank/schedules", headers=as_user("dev"))).status_code == 403


async def test_what_is_done_with_schedules_is_in_the_audit_log(automat: Automat) -> None:
    made = await automat.make(inputs={"n": 41})
    await automat.house.client.put(f"/schedules/{made['id']}", json={**EVERY_HOUR, "version": 1})
    await automat.house.client.post(f"/schedules/{made['id']}:disable")
    await automat.house.client.delete(f"/schedules/{made['id']}")
    async with automat.house.database.reading() as session:
        rows = (await session.execute(select(AuditRecord).order_by(col(AuditRecord.id)))).scalars().all()
    told = [row for row in rows if row.resource_kind == "schedule"]
    assert [row.action.partition(".")[2] for row in told] == ["created", "changed", "disabled", "deleted"]
    assert told[0].after is not None
    assert (told[0].actor, told[0].after["inputs"]) == ("dev", ["n"])
