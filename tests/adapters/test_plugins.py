"""The shipped plugins against the embedded systems."""

import asyncio
from pathlib import Path

import pytest

from kernel.contracts.plugin_invoker import CancelState, PluginState
from marketplace.authoring.folder import open_package
from tests.adapters.notify.conftest import MailServer
from tests.adapters.plugin_house import (
    FOLDERS,
    House,
    clock,
    echo,
    house,
    made_business,
    mail_server,
    plugin_call,
    webhook,
)
from tests.support.patience import until
from tests.support.processes import is_running

__all__ = ["clock", "echo", "house", "mail_server", "webhook"]

STARTING_JOBS = {"job.fast_execute_script", "job.fast_transfer_file", "job.execute_job_plan"}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_each_package_is_sound_and_labelled_in_chinese(folder: Path) -> None:
    manifest = open_package(folder).manifest
    assert manifest.code == folder.name
    for step in manifest.component.sequence() if manifest.component is not None else ():
        if step.call.component in STARTING_JOBS:
            assert step.cancel is not None
            assert step.cancel.call.component == "job.operate_job_instance"
    labels = manifest.form_document()["i18n"]["zh"]
    for name in manifest.inputs["properties"]:
        assert labels[f"{name}.label"]


async def test_the_main_road_finds_a_host_runs_a_script_on_it_and_mails_what_it_said(
    house: House, mail_server: MailServer
) -> None:
    business, machine = await made_business(house)
    named = await house.run("cmdb_search_business", name="shop")
    assert named.outputs["bk_biz_id"] == business
    for wanted in (machine["bk_host_innerip"], machine["bk_host_name"]):
        found = await house.run("cmdb_find_host", bk_biz_id=business, host=wanted)
        assert (found.state, found.outputs["host_id"]) == (PluginState.SUCCESS, machine["bk_host_id"])
    ran = await house.run(
        "job_run_script",
        bk_biz_id=business,
        host_ip=found.outputs["ip"],
        script="df -P | tail -n +2; echo '<SOPS_VAR>highest:91</SOPS_VAR>'; test \"$1\" = x",
        parameters="x",
        parameters_are_secret=True,
    )
    assert (ran.state, ran.error) == (PluginState.SUCCESS, None)
    assert (ran.outputs["exit_code"], ran.outputs["values"]) == (0, {"highest": 91})
    mailed = await house.run(
        "notify_send_mail", to="ada@ops.test", title="Disks", content=f"<pre>{ran.outputs['log']}</pre>"
    )
    (delivery,) = mailed.outputs["deliveries"]
    assert (delivery["receiver"], delivery["state"]) == ("ada@ops.test", "sent")
    html = mail_server.received[0][1].get_body(("html",))
    assert html is not None
    assert "highest:91" in html.get_content()


async def test_failures_say_what_is_wrong(house: House) -> None:
    business, machine = await made_business(house)
    missing = await house.run("cmdb_find_host", bk_biz_id=business, host="10.9.9.9")
    assert "0 hosts of business" in str(missing.error)
    nowhere = await house.run("cmdb_find_host", bk_biz_id=99, host="10.9.9.9")
    assert "There is no business 99" in str(nowhere.error)
    script = await house.run(
        "job_run_script", bk_biz_id=business, host_ip=machine["bk_host_innerip"], script="echo no disk; exit 3"
    )
    assert script.state is PluginState.FAIL
    assert "exit code 3: no disk" in str(script.error)
    assert (script.outputs["exit_code"], script.outputs["log"]) == (3, "no disk\n")
    there = {"bk_biz_id": business, "host_ip": "198.51.100.7", "script": "true"}
    away = await house.run("job_run_script", node_run="other", **there)
    assert "198.51.100.7: not reachable" in str(away.error)
    mail = await house.run("notify_send_mail", to="zoe", title="x", content="x")
    assert "zoe (has no mail address" in str(mail.error)


async def test_a_callback_ends_the_long_script_and_a_late_poll_is_the_net(house: House) -> None:
    business, machine = await made_business(house)
    inputs = {"bk_biz_id": business, "host_ip": machine["bk_host_innerip"], "script": "echo '{\"free\": 7}'"}
    started = await house.invoker.execute(plugin_call("job_run_script_callback", inputs))
    assert started.state is PluginState.CALLBACK
    job = started.outputs["job_instance_id"]
    await asyncio.sleep(0.5)
    again = plugin_call("job_run_script_callback", inputs, started)
    ended = await house.invoker.callback(again, {"job_instance_id": job, "status": 3, "step_instance_list": []})
    assert (ended.state, ended.outputs["values"]) == (PluginState.SUCCESS, {"free": 7})
    polled = await house.run("job_run_script_callback", **inputs)
    assert (polled.state, polled.outputs["job_instance_id"]) == (PluginState.SUCCESS, job)


async def test_a_script_that_nobody_waits_for_any_more_is_ended_with_its_process(house: House, tmp_path: Path) -> None:
    business, machine = await made_business(house)
    written = tmp_path / "pid"
    script = f"echo $$ > {written}.part; mv {written}.part {written}; exec sleep 600"
    inputs = {"bk_biz_id": business, "host_ip": machine["bk_host_innerip"], "script": script}
    started = await house.invoker.execute(plugin_call("job_run_script", inputs))

    async def begun() -> bool:
        return written.exists()

    await until(begun)
    process, call = int(written.read_text()), plugin_call("job_run_script", inputs, started)
    assert is_running(process)
    told = await house.invoker.cancel(call)
    assert (told.state, told.reason) == (CancelState.CANCELLED, "")

    async def over() -> bool:
        return not is_running(process) and (await house.invoker.poll(call)).state is not PluginState.POLL

    await until(over)
    assert "terminated on request" in str((await house.invoker.poll(call)).error)
    again = await house.invoker.cancel(plugin_call("job_run_script", inputs, started, "another"))
    assert (again.state, "has ended already" in again.reason) == (CancelState.NOT_REACHED, True)


async def test_hosts_move_to_idle_and_messages_go_to_users(house: House, mail_server: MailServer) -> None:
    business, machine = await made_business(house)
    moved = await house.run("cmdb_transfer_to_idle", bk_biz_id=business, host_ids=[machine["bk_host_id"]])
    assert (moved.state, moved.outputs) == (PluginState.SUCCESS, {"host_ids": [machine["bk_host_id"]]})
    sent = await house.run("notify_send_message", to="ada@ops.test", title="Disks", content="full")
    assert sent.state is PluginState.SUCCESS
    assert len(mail_server.received) == 1
