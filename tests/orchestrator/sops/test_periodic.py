"""Periodic and clocked tasks by the calls of Standard OPS's clients."""

import asyncio
from typing import Any

from sqlalchemy import select, text

from kernel.db.database import Database
from orchestrator.schedules.models import Schedule
from orchestrator.sops.numbers import Kind, give, number_of
from tests.orchestrator.sops.conftest import Sops, one_database
from tests.support.orchestrator import OTHER_PROJECT, PROJECT, flow_of, plugin_node

FORM = {"schema": {"type": "object", "properties": {"ip": {"type": "string"}}}}
ECHO = flow_of(plugin_node("say", inputs={"ip": "${inputs.ip}"}), form=FORM)
CRON = {"minute": "*/5", "hour": "15", "day_of_week": "1-5"}


async def test_a_periodic_task_is_made_read_changed_and_switched_off(sops: Sops) -> None:
    template = await sops.template(ECHO)
    made = await sops.data(
        "create_periodic_task", template_id=template, name="Nightly", cron=CRON, constants={"${ip}": "a"}
    )
    assert (made["cron"], made["enabled"], made["last_run_at"]) == ("*/5 15 1-5 * * (m/h/d/dM/MY)", True, "")
    task = made["id"]
    (listed,) = await sops.data("get_periodic_task_list")
    assert (listed["editor"], bool(listed["edit_time"])) == ("ada", True)
    assert (listed["id"], listed["template_id"], listed["total_run_count"]) == (task, template, 0)
    changed = await sops.data(
        "modify_cron_for_periodic_task", task_id=task, cron={"minute": "0"}, time_zone="Asia/Tokyo"
    )
    assert changed == {"cron": "0 * * * * (m/h/d/dM/MY)"}
    values = await sops.data("modify_constants_for_periodic_task", task_id=task, constants={"ip": "b"})
    assert (values["${ip}"]["value"], values["${ip}"]["custom_type"]) == ("b", "input")
    assert await sops.data("set_periodic_task_enabled", task_id=task, enabled="false") == {"enabled": False}
    info = await sops.data("get_periodic_task_info", task_id=task)
    assert (info["enabled"], info["time_zone"], info["form"]["${ip}"]["value"]) == (False, "Asia/Tokyo", "b")
    assert list(info["pipeline_tree"]["activities"]) == ["say"]


async def test_whether_a_periodic_task_runs_the_latest_revision_is_told_where_it_is_asked_for(sops: Sops) -> None:
    template = await sops.template(ECHO)
    asked = {"template_id": template, "cron": CRON, "constants": {"ip": "a"}, "include_edit_info": True}
    made = await sops.data("create_periodic_task", **asked, name="Nightly")
    flow = (await sops.house.client.get("/projects/shop/flows")).json()["items"][0]["id"]
    pinned = {"name": "Pinned", "cron": "0 1 * * *", "inputs": {"ip": "a"}, "revision": 1}
    assert (await sops.house.client.post(f"/flows/{flow}/schedules", json=pinned)).is_success
    assert (await sops.house.client.post(f"/flows/{flow}:publish", json={})).is_success
    listed = await sops.data("get_periodic_task_list", include_edit_info="true")
    assert {each["name"]: each["is_latest"] for each in listed} == {"Nightly": True, "Pinned": False}
    info = await sops.data("get_periodic_task_info", task_id=made["id"], include_edit_info=1)
    assert (made["is_latest"], info["is_latest"], info["editor"]) == (True, True, "ada")
    assert all("is_latest" not in each for each in await sops.data("get_periodic_task_list"))


async def test_of_two_who_change_one_at_once_neither_change_is_lost(sops: Sops) -> None:
    task = (
        await sops.data(
            "create_periodic_task",
            template_id=await sops.template(ECHO), name="Nightly", cron=CRON, constants={"ip": "a"},
        )
    )["id"]  # fmt: skip
    database = sops.house.database
    async with database.unit_of_work() as session:
        schedule = (await session.execute(select(Schedule).with_for_update())).scalar_one()
        changing = asyncio.create_task(
            sops.data("modify_constants_for_periodic_task", task_id=task, constants={"ip": "b"})
        )
        await _stands_in_line(database, changing)
        schedule.cron = "1 2 * * *"
    await changing
    info = await sops.data("get_periodic_task_info", task_id=task)
    assert (info["cron"], info["form"]["${ip}"]["value"]) == ("1 2 * * * (m/h/d/dM/MY)", "b")


@one_database
async def test_a_common_template_is_started_periodically_and_once(sops: Sops) -> None:
    made = (await sops.house.client.post("/projects/bank/flows", json={"name": "Common"})).json()["id"]
    await sops.house.client.put(f"/flows/{made}/draft", json={"definition": ECHO, "draft_version": 1})
    sops.house.plugins.by_project[OTHER_PROJECT.id] = sops.house.plugins.by_project[PROJECT.id]
    assert (await sops.house.client.post(f"/flows/{made}:publish")).status_code == 201
    template = await _number(sops.house.database, made)
    periodic = {"template_id": template, "template_source": "common", "name": "Nightly", "cron": CRON}
    assert (await sops.refused("create_periodic_task", **periodic))[0] == 3540400
    await sops.house.client.put(f"/flows/{made}/common", json={"projects": ["shop"]})
    task = await sops.data("create_periodic_task", **periodic, constants={"ip": "a"})
    assert (task["template_id"], task["template_source"]) == (template, "common")
    values = await sops.data("modify_constants_for_periodic_task", task_id=task["id"], constants={"ip": "b"})
    info = await sops.data("get_periodic_task_info", task_id=task["id"])
    assert (values["${ip}"]["value"], info["form"]["${ip}"]["value"]) == ("b", "b")
    clocked = await sops.data(
        "create_clocked_task",
        template_id=template, template_source="common", task_name="Once", plan_start_time="2090-05-16 20:26:40+0800",
    )  # fmt: skip
    assert (clocked["template_source"], clocked["template_name"]) == ("common", "Common")


async def _number(database: Database, flow: str) -> int:
    async with database.unit_of_work() as session:
        await give(session, Kind.FLOW, (flow,))
    async with database.reading() as session:
        return await number_of(session, Kind.FLOW, flow)


async def _stands_in_line(database: Database, changing: asyncio.Task[Any]) -> None:
    """Until the call waits for the row; SQLite has one writer at a time in any case."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    while not database.is_sqlite and not changing.done():
        async with database.reading() as session:
            if (await session.execute(waiting)).scalar_one():
                return


@one_database
async def test_what_does_not_fit_is_not_made(sops: Sops) -> None:
    template = await sops.template(ECHO)
    wrong: list[dict[str, Any]] = [
        {"cron": {"minute": "99"}},
        {"cron": {"minute": "* *"}},
        {"constants": {"other": 1}},
        {"constants": {"ip": 1}},
        {"time_zone": "Mars/Olympus"},
        {"exclude_task_nodes_id": ["say"]},
    ]
    for params in wrong:
        asked = {"template_id": template, "name": "Nightly", "cron": CRON, **params}
        assert (await sops.refused("create_periodic_task", **asked))[0] == 3540000, params
    for when in ("soon", "2001-01-01 00:00:00+0800"):
        asked = {"template_id": template, "task_name": "Once", "plan_start_time": when}
        assert (await sops.refused("create_clocked_task", **asked))[0] == 3540000
    assert await sops.data("get_periodic_task_list") == []
    assert (await sops.refused("get_periodic_task_info", task_id=template))[0] == 3540400


@one_database
async def test_a_clocked_task_waits_for_its_time(sops: Sops) -> None:
    template = await sops.template(ECHO)
    made = await sops.data(
        "create_clocked_task",
        template_id=template,
        task_name="Once",
        plan_start_time="2090-05-16 20:26:40+0800",
        task_parameters={"constants": {"${ip}": "a"}},
    )
    assert (made["plan_start_time"], made["state"], made["task_id"]) == (
        "2090-05-16 12:26:40 +0000", "not_started", None,
    )  # fmt: skip
    assert made["task_parameters"]["constants"] == {"${ip}": "a"}
    answer = await sops.call("get_clocked_task_list", task_name="ONC", state="not_started", id=made["id"])
    assert (answer["count"], answer["data"]) == (1, [made])
    assert (await sops.call("get_clocked_task_list", state="started"))["count"] == 0
    assert await sops.data("get_periodic_task_list") == []
    assert (await sops.refused("set_periodic_task_enabled", task_id=made["id"]))[0] == 3540400
