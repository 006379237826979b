"""The job system's page in a real browser: history, steps, hosts with growing logs, what may be done, scripts."""

import base64
from pathlib import Path
from typing import Any

import asyncssh
from playwright.sync_api import Page, expect

from tests.support.console import choose, confirm, sign_in
from tests.support.stand import Stand

SCOPE = {"bk_scope_type": "biz", "bk_scope_id": "7"}
HERE = {"ip_list": [{"ip": "127.0.0.1"}]}


def _call(stand: Stand, component: str, **params: Any) -> Any:
    path = f"/systems/job/stages/prod/components/{component}:call"
    answer = stand.api.post(path, {"params": {**SCOPE, **params}})
    assert answer["result"] is True, answer
    return answer["data"]


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _script(name: str, text: str) -> dict[str, Any]:
    return {"name": name, "type": 1, "script_info": {"script_content": _encoded(text), "server": HERE}}


def _signed_in(page: Page, stand: Stand, name: str, query: str) -> None:
    user = {"username": name, "password": f"{name}-runs-jobs", "display_name": name.title(), "is_admin": True}
    stand.api.post("/users", user)
    sign_in(page, name, f"{name}-runs-jobs")
    page.goto(f"{stand.url}/registry/job/jobs?{query}")


def test_a_job_is_followed_approved_tried_again_and_terminated(page: Page, stand: Stand, tmp_path: Path) -> None:
    gate, mended = tmp_path / "gate", tmp_path / "mended"
    steps = [
        {"name": "ask", "type": 3, "approval_info": {"approval_message": "Switch to 1.4?"}},
        _script("switch", f"echo begun; while [ ! -e {gate} ]; do sleep 0.05; done; echo switched"),
        _script("check", f"test -e {mended} && sleep 60"),
    ]
    plan = _call(stand, "create_job_plan", name="release 1.4", step_list=steps)["job_plan_id"]
    job = _call(stand, "execute_job_plan", job_plan_id=plan)["job_instance_id"]
    _signed_in(page, stand, "jo", "")
    page.get_by_test_id("jobs-name").fill("release")
    page.get_by_test_id("jobs-search").click()
    page.get_by_test_id(f"job-{job}").click()
    state = page.get_by_test_id("job-state")
    expect(state).to_have_text("Waits for approval")
    expect(page.get_by_text("Switch to 1.4?")).to_be_visible()
    page.get_by_test_id("job-approve").click()

    log = page.get_by_test_id("host-log")
    expect(log).to_contain_text("begun")
    expect(log).not_to_contain_text("switched")
    gate.touch()
    expect(state).to_have_text("Failed")
    expect(page.get_by_test_id("job-reason")).to_contain_text("check: 127.0.0.1: exit code 1")
    page.get_by_test_id("step-switch").click()
    expect(log).to_contain_text("switched")

    mended.touch()
    page.get_by_test_id("job-retry").click()
    expect(state).to_have_text("Running")
    page.get_by_test_id("job-terminate").click()
    page.get_by_role("dialog", name="Terminate the job").get_by_role("button", name="Terminate").click()
    expect(state).to_have_text("Terminated")
    expect(page.get_by_test_id("step-check")).to_contain_text("Terminated")


def test_a_plan_is_made_changed_and_run_with_values(page: Page, stand: Stand) -> None:
    _call(stand, "create_account", alias="unused", account="deploy", password="not to be seen")
    _signed_in(page, stand, "pam", "scope=biz:7&part=plans")
    page.get_by_test_id("plan-new").click()
    page.get_by_test_id("plan-name").fill("greeting")
    page.get_by_test_id("plan-variable-add").click()
    page.get_by_test_id("plan-variable-0").fill("WHOM")
    page.get_by_test_id("plan-variable-value-0").fill("world")
    page.get_by_test_id("plan-step-name-0").fill("greet")
    page.get_by_test_id("plan-step-content-0").fill('echo "hello, $WHOM"')
    page.get_by_test_id("hosts-0").fill("web-1")
    expect(page.get_by_test_id("plan-save")).to_be_disabled()
    page.get_by_test_id("hosts-0").fill("127.0.0.1")
    page.get_by_test_id("plan-save").click()
    expect(page.get_by_test_id("plan-steps")).to_contain_text('echo "hello, $WHOM"')

    page.get_by_test_id("plan-change").click()
    page.get_by_test_id("plan-step-add").click()
    page.get_by_test_id("plan-step-name-1").fill("ask")
    page.get_by_test_id("plan-step-1-kind-3").click()
    page.get_by_test_id("plan-step-message-1").fill("Greeted ${WHOM}?")
    page.get_by_test_id("plan-save").click()
    expect(page.get_by_test_id("plan-steps").get_by_role("listitem")).to_have_count(2)
    expect(page.get_by_test_id("plan-version")).to_contain_text("Version 2")

    page.get_by_test_id("plan-run").click()
    page.get_by_test_id("run-WHOM").fill("Pam")
    page.get_by_test_id("plan-run-start").click()
    expect(page.get_by_text("Greeted Pam?")).to_be_visible()
    page.get_by_test_id("step-greet").click()
    expect(page.get_by_test_id("host-log")).to_have_text("hello, Pam")
    page.get_by_test_id("job-approve").click()
    expect(page.get_by_test_id("job-state")).to_have_text("Succeeded")
    page.get_by_test_id("job-plan").click()
    page.get_by_test_id("plan-runs").click()
    expect(page.get_by_test_id("jobs-table").get_by_role("row")).to_have_count(2)


def test_a_script_is_run_once_on_a_host(page: Page, stand: Stand) -> None:
    _signed_in(page, stand, "once", "scope=biz:7")
    page.get_by_test_id("script-run-new").click()
    page.get_by_test_id("script-run-name").fill("look around")
    page.get_by_test_id("plan-step-content-run").fill("echo here I am")
    page.get_by_test_id("hosts-run").fill("nowhere at all")
    expect(page.get_by_test_id("script-run-start")).to_be_disabled()
    page.get_by_test_id("hosts-run").fill("127.0.0.1")
    page.get_by_test_id("script-run-start").click()
    expect(page.get_by_test_id("host-log")).to_have_text("here I am")
    expect(page.get_by_test_id("job-state")).to_have_text("Succeeded")


def test_a_script_is_kept_put_online_run_and_disabled(page: Page, stand: Stand) -> None:
    _signed_in(page, stand, "libby", "scope=biz:7&part=scripts")
    page.get_by_test_id("script-new").click()
    page.get_by_test_id("script-name").fill("tidy up")
    page.get_by_test_id("script-text").fill("echo tidied")
    page.get_by_test_id("script-new-version").fill("1 of 2")
    page.get_by_test_id("script-save").click()
    expect(page.get_by_role("dialog").locator(".el-form-item__error")).to_be_visible()
    page.get_by_test_id("script-new-version").fill("1.0")
    page.get_by_test_id("script-save").click()
    page.get_by_test_id("script-tidy up").click()
    expect(page.get_by_test_id("script-run")).to_have_count(0)
    page.get_by_test_id("script-publish").click()
    page.get_by_test_id("script-version-new").click()
    page.get_by_test_id("script-text").filter(visible=True).fill("echo tidied twice")
    page.get_by_test_id("script-new-version").filter(visible=True).fill("2.0")
    page.get_by_test_id("script-save").filter(visible=True).click()
    expect(page.get_by_test_id("script-content")).to_have_text("echo tidied twice")
    page.get_by_test_id("script-disable").click()
    confirm(page)
    expect(page.get_by_test_id("script-disable")).to_have_count(0)
    choose(page, "script-version", "1.0 · online")
    page.get_by_test_id("script-run").click()
    page.get_by_test_id("hosts-run").fill("127.0.0.1")
    page.get_by_test_id("script-run-start").click()
    expect(page.get_by_test_id("host-log")).to_have_text("tidied")


def test_a_dangerous_command_is_named_and_scripts_that_say_it_are_refused(page: Page, stand: Stand) -> None:
    _signed_in(page, stand, "ruth", "scope=biz:7&part=rules")
    page.get_by_test_id("rule-new").click()
    page.get_by_test_id("rule-expression").fill("format(")
    page.get_by_test_id("rule-description").fill("wipes a disk")
    page.get_by_test_id("rule-save").click()
    expect(page.get_by_role("dialog").locator(".el-form-item__error")).to_be_visible()
    page.get_by_test_id("rule-expression").fill("^format ")
    page.get_by_test_id("rule-save").click()
    expect(page.get_by_test_id("rules-table")).to_contain_text("wipes a disk")
    page.get_by_test_id("jobs-history").click()
    page.get_by_test_id("script-run-new").click()
    page.get_by_test_id("plan-step-content-run").fill("format c:")
    page.get_by_test_id("hosts-run").fill("127.0.0.1")
    page.get_by_test_id("script-run-start").click()
    expect(page.get_by_test_id("problem")).to_contain_text("wipes a disk")
    page.keyboard.press("Escape")
    page.get_by_test_id("jobs-rules").click()
    page.get_by_test_id("rule-delete-^format ").click()
    confirm(page)
    expect(page.get_by_test_id("rule-delete-^format ")).to_have_count(0)


def test_the_library_and_the_accounts_are_shown(page: Page, stand: Stand) -> None:
    made = _call(stand, "create_script", name="greet", version="1.0", content=_encoded("echo hello, library"))
    _call(stand, "publish_script_version", script_id=made["script_id"], script_version_id=made["id"])
    _call(stand, "create_account", alias="deployer", account="deploy", password="not to be seen", sudo_user="root")
    _signed_in(page, stand, "lib", "scope=biz:7&part=scripts")
    page.get_by_test_id("script-greet").click()
    expect(page.get_by_test_id("script-content")).to_have_text("echo hello, library")
    page.keyboard.press("Escape")
    page.get_by_test_id("jobs-accounts").click()
    row = page.get_by_test_id("accounts-table").get_by_role("row", name="deployer")
    expect(row).to_contain_text("Password")
    expect(row).to_contain_text("root")
    assert "not to be seen" not in page.content()


def test_an_account_is_made_changed_and_deleted_and_its_secrets_stay_unseen(page: Page, stand: Stand) -> None:
    private_key = asyncssh.generate_private_key("ssh-ed25519").export_private_key("openssh").decode().strip()
    _signed_in(page, stand, "acc", "scope=biz:7&part=accounts")
    page.get_by_test_id("account-new").click()
    page.get_by_test_id("account-alias").fill("releaser")
    page.get_by_test_id("account-user").fill("release")
    expect(page.get_by_test_id("account-save")).to_be_disabled()
    page.get_by_test_id("account-key").fill("no key at all")
    page.get_by_test_id("account-save").click()
    expect(page.locator(".el-form-item__error")).to_contain_text("without a passphrase: it is kept sealed")
    page.get_by_test_id("account-key").fill(private_key)
    page.get_by_test_id("account-save").click()
    row = page.get_by_test_id("accounts-table").get_by_role("row", name="releaser")
    expect(row).to_contain_text("Key")

    page.get_by_test_id("account-change-releaser").click()
    page.get_by_test_id("account-user").fill("ops")
    page.get_by_test_id("account-save").click()
    expect(row).to_contain_text("ops")
    expect(row).to_contain_text("Key")
    page.get_by_test_id("account-change-releaser").click()
    page.get_by_test_id("account-by-password").click()
    page.get_by_test_id("account-password").fill("not to be seen")
    page.get_by_test_id("account-save").click()
    expect(row).to_contain_text("Password")
    assert not [secret for secret in ("not to be seen", private_key.splitlines()[1]) if secret in page.content()]

    page.get_by_test_id("account-delete-releaser").click()
    page.get_by_role("dialog", name="Delete the account releaser").get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)


def test_a_hosts_key_is_found_and_forgotten(page: Page, stand: Stand) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    public_key = key.export_public_key("openssh").decode()
    _call(stand, "accept_host_key", ip="10.9.9.9", port=2222, public_key=public_key)
    _signed_in(page, stand, "hkey", "scope=biz:7&part=hostKeys")
    page.get_by_test_id("host-keys-ip").fill("10.9.9.9")
    page.get_by_test_id("host-keys-search").click()
    table = page.get_by_test_id("host-keys-table")
    expect(table).to_contain_text(key.get_fingerprint())
    expect(table).to_contain_text("port 2222")
    expect(page.get_by_test_id("host-key-accept-10.9.9.9")).to_have_count(0)
    page.get_by_test_id("host-key-forget-10.9.9.9").click()
    page.get_by_role("dialog", name="Forget this key of 10.9.9.9").get_by_role("button", name="Forget").click()
    expect(page.get_by_text("No key of this host")).to_be_visible()


def test_a_cron_is_made_changed_and_deleted(page: Page, stand: Stand) -> None:
    variables = [{"name": "level", "type": 1, "value": "info"}, {"name": "token", "type": 4}]
    _call(
        stand, "create_job_plan", name="weekly report", step_list=[_script("report", "true")], global_var_list=variables
    )
    _signed_in(page, stand, "cora", "scope=biz:7&part=crons")
    page.get_by_test_id("cron-new").click()
    page.get_by_test_id("cron-name").fill("mondays")
    choose(page, "cron-plan", "weekly report")
    page.get_by_test_id("cron-expression").fill("61 2 * * 1")
    page.get_by_test_id("cron-save").click()
    expect(page.get_by_role("dialog").locator(".el-form-item__error")).to_be_visible()
    page.get_by_test_id("cron-expression").fill("0 2 * * 1")
    page.get_by_test_id("cron-save").click()
    row = page.get_by_test_id("crons-table").get_by_role("row", name="mondays")
    expect(row).to_contain_text("0 2 * * 1")
    page.get_by_test_id("cron-change-mondays").click()
    expect(page.get_by_test_id("run-level")).to_have_attribute("placeholder", "info")
    page.get_by_test_id("cron-expression").fill("30 6 * * 1")
    page.get_by_test_id("run-level").fill("debug")
    page.get_by_test_id("run-token").fill("hush")
    page.get_by_test_id("cron-save").click()
    expect(row).to_contain_text("30 6 * * 1")
    page.get_by_test_id("cron-change-mondays").click()
    expect(page.get_by_test_id("run-level")).to_have_value("debug")
    expect(page.get_by_test_id("run-token")).to_have_attribute("placeholder", "kept; type to replace")
    page.get_by_test_id("run-level").fill("")
    page.get_by_test_id("cron-save").click()
    expect(page.get_by_test_id("cron-save")).to_be_hidden()
    (cron,) = _call(stand, "get_cron_list", name="mondays")["data"]
    assert _call(stand, "get_cron_detail", id=cron["id"])["global_var_list"] == [{"name": "token"}]
    page.get_by_test_id("cron-delete-mondays").click()
    confirm(page)
    expect(row).to_have_count(0)


def test_a_file_is_uploaded_and_a_cron_is_started(page: Page, stand: Stand, tmp_path: Path) -> None:
    plan = _call(stand, "create_job_plan", name="nightly copy", step_list=[_script("copy", "true")])["job_plan_id"]
    _call(stand, "save_cron", name="nightly", job_plan_id=plan, expression="0 2 * * *", time_zone="Asia/Shanghai")
    (tmp_path / "app.conf").write_text("port = 80")
    _signed_in(page, stand, "upl", "scope=biz:7&part=files")
    page.get_by_test_id("files-upload").get_by_test_id("file").set_input_files(tmp_path / "app.conf")
    row = page.get_by_test_id("files-table").get_by_role("row", name="app.conf")
    expect(row).to_contain_text("9 B")
    (kept,) = _call(stand, "get_local_file_list")["data"]
    expect(row).to_contain_text(kept["path"])
    page.get_by_test_id("file-delete-app.conf").click()
    page.get_by_role("dialog", name="Delete app.conf?").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No file is uploaded")).to_be_visible()
    page.get_by_test_id("jobs-crons").click()
    line = page.get_by_test_id("crons-table").get_by_role("row", name="nightly")
    expect(line).to_contain_text("Asia/Shanghai")
    page.get_by_test_id("cron-nightly").click()
    expect(page.get_by_text("nightly is started.")).to_be_visible()
    assert _call(stand, "get_cron_list")["data"][0]["status"] == 1
