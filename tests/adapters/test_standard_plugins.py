"""The plugins under the codes that BlueKing's flows name, with the inputs of theirs."""

from pathlib import Path
from typing import Any

from kernel.contracts.plugin_invoker import PluginResult, PluginState
from tests.adapters.kinds import one_database
from tests.adapters.notify.conftest import MailServer
from tests.adapters.plugin_house import House, clock, echo, house, made_business, mail_server, webhook
from tests.support.echo import Echo

__all__ = ["clock", "echo", "house", "mail_server", "webhook"]


async def _run(house: House, plugin: str, node_run: str = "", **inputs: Any) -> PluginResult:
    """Each under a key of its own, as nodes of a task are."""
    return await house.run(plugin, node_run=node_run or plugin, **inputs)


async def test_sets_and_modules_are_made_changed_and_emptied(house: House) -> None:
    business, machine = await made_business(house)
    rows = [{"bk_set_name": "web", "bk_set_env": "1"}, {"bk_set_name": "data"}]
    made = await _run(house, "cc_create_set", biz_cc_id=business, cc_set_info=rows)
    assert (made.error, made.outputs["bk_set_name"]) == (None, "web")
    sets = [f"set_{made.outputs['bk_set_id']}", made.outputs["bk_set_ids"][1]]
    chosen = {"biz_cc_id": business, "cc_set_select_topo": sets}
    modules = [{"bk_module_name": "nginx"}, {"bk_module_name": "redis"}]
    module = await _run(house, "cc_create_module", **chosen, cc_module_infos_category=modules)
    assert (module.error, module.outputs["bk_module_name"], len(module.outputs["bk_module_ids"])) == (None, "nginx", 4)
    place = {"biz_cc_id": business, "cc_set_select": sets}
    named = {
        **place,
        "cc_module_select": [f"module_{module.outputs['bk_module_id']}", *module.outputs["bk_module_ids"][2:]],
    }
    changed = await _run(house, "cc_update_module", **named, cc_module_properties={"operator": "ada"})
    assert (changed.error, changed.outputs["bk_module_id"]) == (None, module.outputs["bk_module_id"])
    hosts = {"biz_cc_id": business, "cc_host_ip": f" {machine['bk_host_innerip']}\n"}
    moved = await _run(house, "cc_transfer_host_module", **hosts, cc_module_select=named["cc_module_select"])
    assert (moved.state, moved.error) == (PluginState.SUCCESS, None)
    assert await _sets_of_the_host(house, business) == set(made.outputs["bk_set_ids"])
    emptied = await _run(house, "cc_empty_set_hosts", **place)
    assert (emptied.state, emptied.error, emptied.outputs) == (
        PluginState.SUCCESS,
        None,
        {"bk_set_id": made.outputs["bk_set_id"], "bk_set_ids": made.outputs["bk_set_ids"]},
    )
    assert not await _sets_of_the_host(house, business) & set(made.outputs["bk_set_ids"])


@one_database
async def test_a_new_host_takes_the_place_of_a_broken_one(house: House) -> None:
    business, machine = await made_business(house)
    new = {"bk_biz_id": business, "bk_host_list": [{"bk_host_innerip": "10.0.0.9"}]}
    added = await house.cmdb.data("add_host_to_business_idle", new)
    inside = await house.cmdb.data("create_set", {"bk_biz_id": business, "data": {"bk_set_name": "web"}})
    module = {"bk_biz_id": business, "bk_set_id": inside["bk_set_id"], "data": {"bk_module_name": "nginx"}}
    made = await house.cmdb.data("create_module", module)
    broken = {"bk_biz_id": business, "bk_host_id": [machine["bk_host_id"]], "is_increment": False}
    await house.cmdb.data("transfer_host_module", {**broken, "bk_module_id": [made["bk_module_id"]]})
    row = {"cc_fault_ip": machine["bk_host_innerip"], "cc_new_ip": "0:10.0.0.9"}
    replaced = await _run(house, "cc_replace_fault_machine", biz_cc_id=business, cc_host_replace_detail=[row])
    assert (replaced.error, replaced.outputs) == (None, {"bk_host_ids": added["bk_host_ids"]})


async def test_hosts_named_by_address_move_and_change_all_or_none(house: House) -> None:
    business, machine = await made_business(house)
    ip = machine["bk_host_innerip"]
    hosts = {"biz_cc_id": business, "cc_host_ip": f"0:{ip}"}
    for plugin, kind in (("cc_transfer_fault_host", 2), ("cc_transfer_to_idle", 1)):
        moved = await _run(house, plugin, **hosts)
        assert (moved.state, moved.error) == (PluginState.SUCCESS, None)
        (host,) = (await house.cmdb.data("list_biz_hosts_topo", {"bk_biz_id": business, "page": {"limit": 10}}))["info"]
        (module,) = (await house.cmdb.data("search_module", {"bk_biz_id": business, "condition": {"default": kind}}))[
            "info"
        ]
        assert host["topo"][0]["module"][0]["bk_module_id"] == module["bk_module_id"]
    changed = await _run(house, "cc_update_host", **hosts, cc_host_properties={"bk_comment": "spare"})
    assert (changed.state, changed.error) == (PluginState.SUCCESS, None)
    (found,) = (await house.cmdb.data("list_biz_hosts", {"bk_biz_id": business, "page": {"limit": 10}}))["info"]
    assert found["bk_comment"] == "spare"
    for address in ("10.9.9.9", f"3:{ip}"):
        away = {**hosts, "cc_host_ip": f"{ip}, {address}"}
        refused = await _run(house, "cc_update_host", address, **away, cc_host_properties={"bk_comment": ""})
        named = address if ":" in address else f"0:{address}"
        assert f"the inventory has no host {named}" in str(refused.error)


async def _sets_of_the_host(house: House, business: int) -> set[int]:
    found = await house.cmdb.data("find_host_topo_relation", {"bk_biz_id": business, "page": {"limit": 10}})
    return {int(relation["bk_set_id"]) for relation in found["info"]}


async def test_a_script_runs_on_the_hosts_of_a_text_and_its_values_come_back(house: House, tmp_path: Path) -> None:
    business, machine = await made_business(house)
    ran = await _run(
        house,
        "job_fast_execute_script",
        biz_cc_id=business,
        job_script_source="manual",
        job_script_type="1",
        job_content='echo "<SOPS_VAR>who:$1</SOPS_VAR>"',
        job_script_param="ada",
        job_rolling_config={"expression": "1"},
        job_ip_list=f"0:{machine['bk_host_innerip']}\n",
        ip_is_exist=True,
    )
    assert (ran.state, ran.error) == (PluginState.SUCCESS, None)
    assert (ran.outputs["exit_code"], ran.outputs["log_outputs"]) == (0, {"who": "ada"})
    assert ran.outputs["job_inst_id"] > 0
    scope = {"bk_scope_type": "biz", "bk_scope_id": str(business)}
    kept = {**scope, "name": "clean", "version": "1", "content": "dG91Y2ggIiQxIg=="}
    script = await house.job.data("create_script", kept)
    chosen = {"job_script_source": "general", "job_script_list_general": "clean", "job_script_param": f"{tmp_path}/ran"}
    library = {"biz_cc_id": business, "job_ip_list": machine["bk_host_innerip"], **chosen}
    draft = await _run(house, "job_fast_execute_script", node_run="draft", **library)
    assert "no version of clean is online" in str(draft.error)
    online = {**scope, "script_id": script["script_id"], "script_version_id": script["id"]}
    await house.job.data("publish_script_version", online)
    done = await _run(house, "job_fast_execute_script", node_run="library", **library)
    assert (done.state, (tmp_path / "ran").exists()) == (PluginState.SUCCESS, True)
    batches = {"job_content": "true", "job_rolling_config": {"expression": "50% nonsense", "mode": 2}}
    unread = await _run(house, "job_fast_execute_script", node_run="batches", **{**library, **batches})
    assert "rolling_config.expression" in str(unread.error)
    there = {"biz_cc_id": business, "job_ip_list": "198.51.100.7, 198.51.100.8", "job_content": "true"}
    away = await _run(house, "job_fast_execute_script", node_run="other", **there)
    assert "198.51.100.8: not reachable" in str(away.error)


async def test_files_are_pushed_and_a_plan_is_executed(house: House, tmp_path: Path) -> None:
    business, machine = await made_business(house)
    ip = machine["bk_host_innerip"]
    (tmp_path / "one").write_text("1")
    (tmp_path / "two").write_text("2")
    pushed = await _run(
        house,
        "job_fast_push_file",
        biz_cc_id=business,
        job_source_files=[
            {"ip": ip, "files": f"{tmp_path}/one\n", "account": ""},
            {"ip": ip, "files": f"{tmp_path}/two\n", "account": ""},
        ],
        job_ip_list=ip,
        job_target_path=f"{tmp_path}/there/",
    )
    assert (pushed.state, pushed.error) == (PluginState.SUCCESS, None)
    assert (tmp_path / "there" / "two").read_text() == "2"
    own = {"bk_scope_type": "biz", "bk_scope_id": str(business), "file_name": "mine", "content": "bWluZQ=="}
    local = await house.job.data("upload_local_file", own)
    brought = await _run(
        house,
        "job_push_local_files",
        biz_cc_id=business,
        job_local_files=[local["path"]],
        job_target_ip_list=ip,
        job_target_path=f"{tmp_path}/there/",
    )
    assert (brought.state, brought.error) == (PluginState.SUCCESS, None)
    assert (tmp_path / "there" / "mine").read_text() == "mine"
    script = {"script_content": "dG91Y2ggIiQxIg==", "script_param": "JHtmaWxlfQ==", "server": {"ip_list": ip}}
    plan = await house.job.data(
        "create_job_plan",
        {
            "bk_scope_type": "biz",
            "bk_scope_id": str(business),
            "name": "touch",
            "global_var_list": [{"name": "file", "required": True}],
            "step_list": [{"name": "touch", "type": 1, "script_info": script}],
        },
    )
    variables = [{"name": "file", "value": f"{tmp_path}/touched", "type": 1}]
    ended = await _run(
        house, "job_execute_task", biz_cc_id=business, job_task_id=plan["job_plan_id"], job_global_var=variables
    )
    assert (ended.state, ended.error) == (PluginState.SUCCESS, None)
    assert (tmp_path / "touched").exists()
    rule = {"job_cron_name": "nightly", "job_cron_expression": "0 2 * * *", "job_cron_time_zone": "Asia/Shanghai"}
    chosen = {"biz_cc_id": business, "job_cron_job_id": plan["job_plan_id"], "job_global_var": variables}
    timed = await _run(house, "job_cron_task", **chosen, **rule)
    assert (timed.error, timed.outputs["status"], timed.outputs["next_time"]) == (None, 2, None)


async def test_users_and_groups_of_a_business_are_notified_each_once(house: House, mail_server: MailServer) -> None:
    for name in ("ada", "bob", "eve"):
        await house.notify.data("update_user_address", {"username": name, "address": f"{name}@ops.test"})
    people = {"bk_biz_name": "shop", "bk_biz_maintainer": "ada,bob", "bk_biz_tester": "bob", "bk_biz_developer": "eve"}
    business = (await house.cmdb.data("create_business", {"data": people}))["bk_biz_id"]
    asked: dict[str, Any] = {
        "bk_notify_type": ["mail"], "bk_notify_title": "Disks", "bk_notify_content": "full",
        "bk_receiver_info": {"bk_receiver_group": ["Maintainers", "Tester"], "bk_more_receiver": ""},
    }  # fmt: skip
    told = await _run(house, "bk_notify", biz_cc_id=business, **asked)
    assert (told.state, told.error) == (PluginState.SUCCESS, None)
    assert sorted(each["receiver"] for each in told.outputs["deliveries"]) == ["ada", "bob"]
    groups = {"bk_more_receiver": "ada", "bk_staff_group": ["on call", "nobody"]}
    called = await _run(house, "bk_notify", "on call", **{**asked, "bk_receiver_info": groups})
    assert sorted(each["receiver"] for each in called.outputs["deliveries"]) == ["ada", "eve"]
    gone = {**asked, "bk_receiver_info": {"bk_more_receiver": "ada", "bk_staff_group": ["gone"]}}
    error = (await _run(house, "bk_notify", "gone", **gone)).error
    assert error == "the project has no notice group gone"
    alone = {**asked, "bk_receiver_info": {"bk_receiver_group": [], "bk_more_receiver": "eve"}}
    assert (await _run(house, "bk_notify", "alone", **alone)).state is PluginState.SUCCESS
    assert len(mail_server.received) == 3
    for business_id in ({}, {"biz_cc_id": 999}):
        refused = await _run(house, "bk_notify", f"refused {business_id}", **business_id, **asked)
        assert "Maintainers of which business?" in str(refused.error)
    assert len(mail_server.received) == 3


@one_database
async def test_a_request_goes_out_with_a_secret_that_nothing_keeps(house: House, echo: Echo) -> None:
    asked = {
        "bk_http_request_method": "POST",
        "bk_http_request_url": f"{echo.url}/tickets",
        "bk_http_request_header": [{"name": "X-Team", "value": "ops"}],
        "bk_http_secret_header": "Authorization",
        "bk_http_secret": "ticket-token",
        "bk_http_request_body": "{}",
        "bk_http_success_exp": "resp.method == 'POST'",
    }
    sent = await _run(house, "bk_http_request", **asked)
    assert (sent.error, sent.outputs["status_code"], sent.outputs["data"]["target"]) == (None, 200, "/tickets")
    assert echo.received[0]["headers"]["authorization"] == "Bearer hidden"
    assert "hidden" not in str(sent)
    echo.status = "503 Away"
    failed = await _run(house, "bk_http_request", "again", **asked)
    assert "the answer has the status 503" in str(failed.error)


@one_database
async def test_a_value_is_shown(house: House) -> None:
    shown = await _run(house, "bk_display", bk_display_message={"disks": [91]})
    assert (shown.error, shown.outputs) == (None, {"message": {"disks": [91]}})
