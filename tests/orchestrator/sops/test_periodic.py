"""Periodic and clocked tasks by the calls of Standard OPS's clients."""

from typing import Any

from tests.orchestrator.sops.conftest import Sops, one_database
from tests.support.orchestrator import flow_of, plugin_node

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
    assert (listed["id"], listed["template_id"], listed["total_run_count"]) == (task, template, 0)
    changed = await sops.data(
        "modify_cron_for_periodic_task", task_id=task, cron={"minute": "0"}, time_zone="Asia/Tokyo"
    )
    assert changed == {"cron": "0 * * * * (m/h/d/dM/MY)"}
    values = await sops.data("modify_constants_for_periodic_task", task_id=task, constants={"ip": "b"})
    assert values["${ip}"]["value"] == "b"
    assert await sops.data("set_periodic_task_enabled", task_id=task, enabled="false") == {"enabled": False}
    info = await sops.data("get_periodic_task_info", task_id=task)
    assert (info["enabled"], info["time_zone"], info["form"]["${ip}"]["value"]) == (False, "Asia/Tokyo", "b")
    assert list(info["pipeline_tree"]["activities"]) == ["say"]


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
    answer = await sops.call("get_clocked_task_list", task_name="ONC", state="not_started", id=made["id"])
    assert (answer["count"], answer["data"]) == (1, [made])
    assert (await sops.call("get_clocked_task_list", state="started"))["count"] == 0
    assert await sops.data("get_periodic_task_list") == []
    assert (await sops.refused("set_periodic_task_enabled", task_id=made["id"]))[0] == 3540400
