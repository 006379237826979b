"""What is kept under names in a real browser: secrets, variables of projects; and the audit log."""

from playwright.sync_api import Page, expect

from tests.support.console import choose, confirm, open_tab, sign_in
from tests.support.project import create_member, create_project, publish_flow
from tests.support.stand import Stand


def test_a_secret_is_kept_used_by_a_stage_and_its_change_stands_in_the_audit_log(page: Page, stand: Stand) -> None:
    user = {"username": "sue", "password": "sue-keeps-secrets", "display_name": "Sue", "is_admin": True}
    stand.api.post("/users", user)
    sign_in(page, "sue", "sue-keeps-secrets")
    page.goto(f"{stand.url}/registry/notify/secrets")
    expect(page.get_by_text("There are no named secrets")).to_be_visible()
    page.get_by_test_id("secret-new").click()
    page.get_by_test_id("secret-name").fill("password")
    page.get_by_test_id("secret-value").fill("hush hush")
    page.get_by_test_id("secret-save").click()
    table = page.get_by_test_id("secrets-table")
    expect(table.get_by_text("password", exact=True)).to_be_visible()
    assert "hush" not in page.content()

    page.goto(f"{stand.url}/registry/notify/stages")
    page.get_by_test_id("signing-edit").click()
    choose(page, "signing-profile", "Basic")
    page.get_by_test_id("signing-username").fill("trunkline")
    choose(page, "signing-named", "the named secret password")
    page.get_by_test_id("signing-save").click()
    expect(page.get_by_test_id("signing-save")).to_be_hidden()
    open_tab(page, "Secrets")
    expect(table.get_by_text("prod", exact=True)).to_be_visible()
    expect(page.get_by_test_id("secret-remove-password")).to_have_count(0)

    page.goto(f"{stand.url}/audit")
    page.get_by_test_id("audit-action").fill("secret.")
    page.get_by_test_id("audit-search").click()
    rows = page.get_by_test_id("audit-table")
    expect(rows.get_by_text("secret.kept")).to_be_visible()
    expect(rows.get_by_text("signing.changed")).to_have_count(0)
    page.get_by_test_id("audit-verify").click()
    expect(page.get_by_text("the chain holds")).to_be_visible()


def test_an_administrator_rotates_the_key_of_the_esbs_addresses(page: Page, stand: Stand) -> None:
    user = {"username": "kit", "password": "kit-rotates-keys", "display_name": "Kit", "is_admin": True}
    stand.api.post("/users", user)
    stand.api.put("/systems/cmdb/stages/prod/signing", {"profile": "jwt"})
    sign_in(page, "kit", "kit-rotates-keys")
    page.goto(f"{stand.url}/trust")
    expect(page.get_by_text("apigw", exact=True)).to_be_visible()
    page.get_by_test_id("key-rotate").click()
    page.get_by_test_id("key-rotate-submit").click()
    expect(page.get_by_text("apigw-2", exact=True)).to_be_visible()
    (new, old) = stand.api.get("/systems/apigw/keys")["items"]
    assert (new["key_id"], new["signs"], old["retired_at"]) == ("apigw-2", True, None)


MOVE = {
    "nodes": [
        {"id": "start", "kind": "start"},
        {"id": "sum", "kind": "expression", "values": {"x": "size(project.variables.regions)"}},
        {"id": "end", "kind": "end"},
    ],
    "edges": [{"id": "e1", "source": "start", "target": "sum"}, {"id": "e2", "source": "sum", "target": "end"}],
    "outputs": {"at": "${project.variables.regions}"},
}


def test_a_variable_of_a_project_is_kept_used_and_removed_once_its_uses_were_seen(page: Page, stand: Stand) -> None:
    create_project(stand.api, "shares")
    create_member(stand.api, "shares", "fay", "fay-shares-values", "owner")
    sign_in(page, "fay", "fay-shares-values")
    page.goto(f"{stand.url}/flows")
    page.get_by_test_id("project-variables-open").click()
    expect(page.get_by_test_id("secrets-hint")).to_contain_text("${project.secrets.")
    page.get_by_test_id("variable-new").click()
    page.get_by_test_id("variable-name").fill("regions")
    choose(page, "variable-kind", "List")
    written = page.get_by_test_id("variable-json").locator("textarea")
    written.fill('{"north": 1}')
    expect(page.get_by_test_id("variable-save")).to_be_disabled()
    written.fill('["north", "south"]')
    page.get_by_test_id("variable-save").click()
    expect(page.get_by_test_id("variables")).to_contain_text("${project.variables.regions}")
    flow = publish_flow(stand.api, "shares", "Move", MOVE)
    page.goto(f"{stand.url}/launch/{flow}")
    page.get_by_test_id("launch-submit").click()
    expect(page.get_by_test_id("task-state")).to_have_attribute("data-state", "FINISHED")
    expect(page.get_by_test_id("task-variables")).to_contain_text("north")
    page.goto(f"{stand.url}/project-variables")
    page.get_by_test_id("variable-uses-regions").click()
    uses = page.get_by_test_id("use")
    expect(uses).to_have_count(2)
    expect(uses.first).to_contain_text("Move")
    page.get_by_test_id("uses-remove").click()
    expect(page.locator(".el-message-box")).to_contain_text("2 drafts and revisions name it")
    confirm(page)
    expect(page.get_by_text("The project has no variables")).to_be_visible()
    page.get_by_test_id("secrets-hint").get_by_role("link").click()
    expect(page.get_by_text("There are no named secrets")).to_be_visible()
