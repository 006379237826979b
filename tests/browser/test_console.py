"""The console in a real browser: sign in, launch, watch, mend."""

import asyncio
import json
import re
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from kernel.clock import SystemClock
from kernel.db.database import Database
from orchestrator.archive.archiver import Archiver
from tests.support.console import choose, confirm, sign_in, try_to_sign_in
from tests.support.patience import eventually
from tests.support.processes import is_running
from tests.support.project import create_launcher, create_member, create_project, publish_flow, register_this_machine
from tests.support.stand import Stand, import_system
from tests.support.stuck import stuck_task

NAME, PASSWORD = "alice", "alice-may-launch"
OPERATOR, OPERATOR_PASSWORD = "bob", "bob-may-operate"


def flow(biz_id: int, ip: str) -> dict[str, object]:
    return {
        "nodes": [
            {"id": "start", "kind": "start"},
            {
                "id": "run",
                "kind": "plugin",
                "name": "Run it",
                "plugin": "job_run_script",
                "version": "1.1.0",
                "inputs": {"bk_biz_id": biz_id, "host_ip": ip, "script": "${inputs.script}"},
                "retryable": True,
                "skippable": True,
            },
            {"id": "end", "kind": "end"},
        ],
        "edges": [
            {"id": "e1", "source": "start", "target": "run"},
            {"id": "e2", "source": "run", "target": "end"},
        ],
        "form": {
            "schema": {
                "type": "object",
                "properties": {"script": {"type": "string", "title": "Script", "minLength": 6}},
                "required": ["script"],
                "additionalProperties": False,
            },
            "uischema": None,
            "i18n": {"zh": {"script.label": "脚本"}},
        },
        "outputs": {"log": "${nodes.run.outputs.log}"},
    }


def picking_flow(ip: str) -> dict[str, object]:
    choice = {"ip": [{"bk_host_innerip": "${inputs.address}"}]}
    hosts = {"id": "hosts", "kind": "plugin", "name": "Hosts", "plugin": "cmdb_resolve_hosts", "version": "1.1.0"}
    address = {"type": "string", "title": "Address", "default": ip}
    return {
        "nodes": [
            {"id": "start", "kind": "start"},
            {**hosts, "inputs": {"choice": choice}},
            {"id": "end", "kind": "end"},
        ],
        "edges": [
            {"id": "e1", "source": "start", "target": "hosts"},
            {"id": "e2", "source": "hosts", "target": "end"},
        ],
        "form": {"schema": {"type": "object", "properties": {"address": address}}},
    }


@pytest.fixture(scope="module", autouse=True)
def flow_id(stand: Stand) -> str:
    """A published flow that alice may launch; another picks hosts."""
    biz_id, ip = register_this_machine(stand.url, stand.token)
    import_system(stand.server, stand.api, "hosts")
    create_project(stand.api, "operations", "job/plugins/job_run_script", "cmdb/plugins/cmdb_resolve_hosts")
    flow_id = publish_flow(stand.api, "operations", "Run a script", flow(biz_id, ip))
    create_launcher(stand.api, flow_id, NAME, PASSWORD)
    stand.api.put(
        f"/flows/{publish_flow(stand.api, 'operations', 'Pick hosts', picking_flow(ip))}/launchers/{NAME}", {}
    )
    create_member(stand.api, "operations", OPERATOR, OPERATOR_PASSWORD, "operator")
    return flow_id


def launch(page: Page, script: str) -> None:
    page.get_by_test_id("launch-card").filter(has_text="Run a script").click()
    page.get_by_test_id("launch-form").get_by_label("Script").fill(script)
    page.get_by_test_id("launch-submit").click()


def test_a_wrong_password_is_refused_in_words(page: Page) -> None:
    try_to_sign_in(page, NAME, "wrong-password")
    expect(page.get_by_test_id("sign-in-error")).to_contain_text("wrong")
    expect(page.get_by_test_id("sign-in-submit")).to_be_visible()


def test_a_launcher_signs_in_launches_and_watches_the_task_finish(page: Page) -> None:
    sign_in(page, NAME, PASSWORD)
    launch(page, "sleep 1; echo hello from a script")
    expect(page.get_by_test_id("task-state")).to_have_attribute("data-state", "RUNNING")
    node = page.get_by_test_id("node-run")
    expect(node).to_have_attribute("data-state", "FINISHED")
    expect(page.get_by_test_id("task-state")).to_have_attribute("data-state", "FINISHED")
    node.click()
    expect(page.get_by_test_id("node-panel")).to_contain_text("hello from a script")
    page.get_by_test_id("nav-home").click()
    expect(page.get_by_test_id("task-link").first, "her own, of whatever project").to_be_visible()


def test_what_the_server_finds_wrong_is_shown_at_its_field(page: Page) -> None:
    sign_in(page, NAME, PASSWORD)
    launch(page, "x")
    expect(page.get_by_test_id("launch-form")).to_contain_text("6")
    expect(page.get_by_test_id("launch-submit")).to_be_visible()


def test_a_failed_node_shows_why_and_an_operator_retries_it_with_changed_inputs_and_runs_it_again(page: Page) -> None:
    sign_in(page, OPERATOR, OPERATOR_PASSWORD)
    launch(page, "echo broken; exit 3")
    node = page.get_by_test_id("node-run")
    expect(node).to_have_attribute("data-state", "FAILED")
    node.click()
    expect(page.get_by_test_id("node-error")).to_contain_text("exit code 3")
    for before, after in (("echo broken; exit 3", "exit 3 # later"), ("exit 3 # later", "exit 5 # at last")):
        page.get_by_test_id("task-change-inputs").click()
        script = page.get_by_role("dialog").get_by_label("Script")
        expect(script).to_have_value(before)
        script.fill(after)
        page.get_by_test_id("change-inputs-submit").click()
        expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_test_id("node-retry-changed").click()
    page.get_by_role("dialog").get_by_role("textbox", name=re.compile("^Script")).fill("echo mended")
    page.get_by_test_id("retry-submit").click()
    expect(page.get_by_test_id("task-state")).to_have_attribute("data-state", "FINISHED")
    first = page.url
    page.get_by_test_id("node-rerun").click()
    page.get_by_test_id("rerun-submit").click()
    expect(page).not_to_have_url(first)
    expect(node).to_have_attribute("data-state", "FAILED")


def test_a_launcher_may_repeat_a_failed_node_but_not_change_it(page: Page) -> None:
    sign_in(page, NAME, PASSWORD)
    launch(page, "test -e /nowhere # fails")
    node = page.get_by_test_id("node-run")
    expect(node).to_have_attribute("data-state", "FAILED")
    node.click()
    expect(page.get_by_test_id("node-retry-changed")).to_have_count(0)
    expect(page.get_by_test_id("node-rerun")).to_have_count(0)
    page.get_by_test_id("node-retry").click()
    expect(page.get_by_test_id("node-panel")).to_contain_text("2")
    expect(node).to_have_attribute("data-state", "FAILED")


def test_a_revoked_task_ends_the_script_on_its_host_and_the_node_says_so(page: Page, tmp_path: Path) -> None:
    written = tmp_path / "pid"
    sign_in(page, OPERATOR, OPERATOR_PASSWORD)
    launch(page, f"echo $$ > {written}.part; mv {written}.part {written}; exec sleep 600")
    node = page.get_by_test_id("node-run")
    expect(node).to_have_attribute("data-state", "POLLING")
    eventually(written.exists)
    process = int(written.read_text())
    assert is_running(process)
    page.get_by_test_id("task-revoke").click()
    confirm(page)
    expect(page.get_by_test_id("task-state")).to_have_attribute("data-state", "REVOKED")
    eventually(lambda: not is_running(process))
    page.get_by_test_id("task-cancellations").get_by_role("button", name="Run it").click()
    expect(page.get_by_test_id("node-cancellation")).to_have_attribute("data-state", "cancelled")
    expect(page.get_by_test_id("node-error")).to_contain_text("terminated on request")


def test_a_failed_node_can_be_skipped(page: Page) -> None:
    sign_in(page, NAME, PASSWORD)
    launch(page, "exit 4 # skipped")
    node = page.get_by_test_id("node-run")
    expect(node).to_have_attribute("data-state", "FAILED")
    node.click()
    page.get_by_test_id("node-skip").click()
    page.locator(".el-message-box__btns .el-button--primary").click()
    expect(node).to_have_attribute("data-state", "SKIPPED")
    expect(page.get_by_test_id("task-state")).to_have_attribute("data-state", "FINISHED")


def test_the_console_speaks_chinese_and_remembers_it(page: Page) -> None:
    sign_in(page, NAME, PASSWORD)
    page.get_by_text("中文", exact=True).or_(page.get_by_text("中", exact=True)).first.click()
    page.get_by_test_id("launch-card").filter(has_text="Run a script").click()
    expect(page.get_by_test_id("launch-form")).to_contain_text("脚本")
    page.reload()
    expect(page.get_by_test_id("launch-form")).to_contain_text("脚本")


def test_a_launch_is_filled_in_from_a_link_reviewed_and_kept(page: Page, stand: Stand, flow_id: str) -> None:
    sign_in(page, NAME, PASSWORD)
    page.goto(f"{stand.url}/launch/{flow_id}?script=echo%20by%20a%20link&other=1")
    script = page.get_by_test_id("launch-form").get_by_label("Script")
    expect(script).to_have_value("echo by a link")
    expect(page.locator(".el-message")).to_contain_text("other")
    page.get_by_test_id("launch-look").click()
    expect(page.get_by_test_id("launch-review")).to_contain_text("echo by a link")
    page.get_by_test_id("inputs-save").click()
    page.get_by_test_id("inputs-name").fill("by a link")
    page.get_by_test_id("inputs-keep").click()
    page.goto(f"{stand.url}/launch/{flow_id}")
    expect(script).to_have_value("")
    page.get_by_test_id("inputs-fill").click()
    page.get_by_test_id("inputs-saved").click()
    expect(script).to_have_value("echo by a link")


def test_a_review_shows_which_hosts_are_picked_or_why_none(page: Page) -> None:
    sign_in(page, NAME, PASSWORD)
    page.get_by_test_id("launch-card").filter(has_text="Pick hosts").click()
    address = page.get_by_test_id("launch-form").get_by_label("Address")
    expect(address).not_to_have_value("")
    page.get_by_test_id("launch-look").click()
    expect(page.get_by_test_id("launch-foreseen")).to_contain_text(address.input_value())
    address.fill("10.255.0.1")
    page.get_by_test_id("launch-look").click()
    expect(page.get_by_test_id("launch-not-foreseen")).to_contain_text("the inventory has no host 0:10.255.0.1")


def test_an_app_is_a_form_a_button_and_how_far_it_is(page: Page, stand: Stand, flow_id: str) -> None:
    body = {"code": "say-hello", "name": "Say hello", "text": "Says it", "icon": "bell", "open_to_all": True}
    stand.api.post(f"/flows/{flow_id}/mini-apps", body)
    sign_in(page, NAME, PASSWORD)
    page.get_by_test_id("app-card").filter(has_text="Say hello").click()
    page.get_by_test_id("app-form").get_by_label("Script").fill("echo hello from an app")
    page.get_by_test_id("app-start").click()
    progress = page.get_by_test_id("app-progress")
    expect(progress).to_have_attribute("data-state", "FINISHED")
    expect(progress).to_contain_text("hello from an app")
    expect(progress.get_by_text("Script", exact=True)).to_be_visible()
    page.goto(f"{stand.url}/apps/say-hello")
    expect(page.get_by_test_id("app-run")).to_have_count(1)


def test_a_request_is_claimed_changed_and_run_by_an_operator_who_sees_many_tasks_at_once(
    page: Page, stand: Stand, flow_id: str
) -> None:
    asker = {"username": "carol", "password": "carol-may-ask", "display_name": "Carol", "is_admin": False}
    stand.api.post("/users", asker)
    stand.api.put(f"/roles?resource=flow:{flow_id}", {"username": "carol", "roles": ["requester"]})
    sign_in(page, "carol", "carol-may-ask")
    page.get_by_test_id("ask-card").click()
    page.get_by_test_id("request-form").get_by_label("Script").fill("echo as asked for")
    page.get_by_test_id("request-submit").click()
    expect(page.get_by_test_id("request")).to_contain_text("echo as asked for")
    request = page.url
    page.context.clear_cookies()
    page.goto(f"{stand.url}/sign-in")
    sign_in(page, OPERATOR, OPERATOR_PASSWORD)
    page.goto(request)
    page.get_by_test_id("request-claim").click()
    page.get_by_test_id("request").get_by_label("Script").fill("echo as changed")
    page.get_by_test_id("request-start").click()
    expect(page.get_by_test_id("request-changes")).to_contain_text("echo as changed")
    page.get_by_test_id("request-task").click()
    expect(page.get_by_test_id("task-origin")).to_contain_text("carol")
    expect(page.get_by_test_id("task-state")).to_have_attribute("data-state", "FINISHED")
    page.goto(f"{stand.url}/tasks")
    for number in range(2):
        page.get_by_test_id("task-choose").nth(number).click()
    page.get_by_test_id("bulk-pause").click()
    expect(page.get_by_test_id("bulk-results").locator(".el-tag")).to_have_text(["Refused", "Refused"])


def test_a_draft_is_tried_on_made_up_answers(page: Page, stand: Stand, flow_id: str) -> None:
    create_member(stand.api, "operations", "dana", "dana-may-develop", "developer")
    sign_in(page, "dana", "dana-may-develop")
    page.goto(f"{stand.url}/flows/{flow_id}")
    page.get_by_test_id("flow-try").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Script").fill("echo never run")
    page.get_by_test_id("mock-node-run").get_by_label("Outputs").fill('{"log": "made up"}')
    dialog.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_test_id("task-mock")).to_be_visible()
    expect(page.get_by_test_id("task-outputs")).to_contain_text("made up")


def test_an_archived_task_is_read_taken_along_and_run_anew(page: Page, stand: Stand, flow_id: str) -> None:
    task = stand.api.post(f"/flows/{flow_id}/tasks", {"inputs": {"script": "echo long ago"}, "name": "Long ago"})["id"]
    archive_ended(stand, task)
    sign_in(page, OPERATOR, OPERATOR_PASSWORD)
    page.goto(f"{stand.url}/tasks/{task}")
    expect(page.get_by_test_id("archived-state")).to_be_visible()
    page.goto(f"{stand.url}/archive")
    expect(page.get_by_test_id("retention")).to_contain_text("never come to the archive")
    expect(page.get_by_test_id("retention-change")).to_be_disabled()
    page.get_by_test_id("archived-link").filter(has_text="Long ago").click()
    expect(page.get_by_test_id("archived-state")).to_have_attribute("data-state", "FINISHED")
    expect(page.get_by_text("Script", exact=True).first).to_be_visible()
    expect(page.get_by_test_id("archived-runs")).to_contain_text("Run it")
    with page.expect_download() as download:
        page.get_by_test_id("archived-export").click()
    assert json.loads(Path(download.value.path()).read_text())["inputs"] == {"script": "echo long ago"}
    page.get_by_test_id("archived-rerun").click()
    form = page.get_by_test_id("rerun-form").get_by_label("Script")
    expect(form).to_have_value("echo long ago")
    form.fill("echo once more")
    page.get_by_test_id("archived-rerun-submit").click()
    expect(page.get_by_test_id("task-origin")).to_contain_text("Long ago")
    expect(page.get_by_test_id("task-state")).to_have_attribute("data-state", "FINISHED")


async def archive(stand: Stand, task: str) -> bool:
    """As the server does after days; false while the task's worker has not let go of it."""
    database = Database(database_url(stand))
    try:
        return await Archiver(database, SystemClock(), 1).archive(task)
    finally:
        await database.close()


def archive_ended(stand: Stand, task: str) -> None:
    """As soon as it has ended."""
    for _ in range(300):
        if stand.api.get(f"/tasks/{task}")["state"] == "FINISHED" and apart(archive(stand, task)):
            return
        time.sleep(0.1)
    raise AssertionError("the task was not archived")


def apart(work: Coroutine[Any, Any, Any]) -> Any:
    """In a thread of its own: the browser's loop runs in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def database_url(stand: Stand) -> str:
    return f"sqlite+aiosqlite:///{stand.server.data_dir / 'trunkline.db'}"


def test_an_administrator_bounds_projects_says_how_long_tasks_stay_and_mends_a_stuck_one(
    page: Page, stand: Stand
) -> None:
    stand.api.post("/users", {"username": "ada", "password": "ada-administers", "is_admin": True})
    stand.api.put("/projects/operations/members/ada", {"roles": ["owner"]})
    sign_in(page, "ada", "ada-administers")
    page.goto(f"{stand.url}/quotas")
    choose(page, "quota-pick", "Operations")
    page.get_by_test_id("quota-running_tasks").locator("input").fill("50")
    page.get_by_test_id("quota-save").click()
    row = page.get_by_test_id("quotas-projects").locator("tbody tr").filter(has_text="quotas of its own")
    expect(row).to_contain_text("0 / 50")
    page.goto(f"{stand.url}/limits")
    expect(page.get_by_test_id("quota-use").locator("[data-limit=running_tasks]")).to_contain_text("of 50")
    page.get_by_test_id("retention-change").click()
    page.get_by_test_id("retention-archive-days").locator("input").fill("700")
    page.get_by_test_id("retention-save").click()
    confirm(page)
    expect(page.get_by_test_id("retention")).to_contain_text("keeps them for 700 days")
    task = apart(stuck_task(database_url(stand)))
    page.goto(f"{stand.url}/task-health")
    finding = page.get_by_test_id("health-findings").locator("tbody tr").filter(has_text=task)
    expect(finding).to_contain_text("Nothing is set to end a wait")
    finding.get_by_test_id("health-mend").click()
    confirm(page)
    expect(page.get_by_text("1 of 1 was still so")).to_be_visible()
    expect(finding.filter(has_text="Nothing is set to end a wait")).to_have_count(0)
    expect(page.get_by_test_id("plain-none")).to_contain_text("All secrets stand sealed.")
    page.goto(f"{stand.url}/quotas")
    page.get_by_test_id("quota-remove-operations").click()
    confirm(page)
    expect(page.get_by_text("Those for all hold again.")).to_be_visible()
