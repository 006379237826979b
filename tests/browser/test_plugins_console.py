"""Installing and upgrading plugins, policies about them, their secrets, and writing new ones, in a real browser."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Page, expect

from tests.support.console import confirm, open_tab, sign_in
from tests.support.orchestrator import flow_of, plugin_node
from tests.support.packages import archive_of
from tests.support.stand import Stand

PASSWORD = "pia-installs-plugins"
UMAS_PASSWORD = "uma-upgrades-plugins"
UMAS_PROJECT = "upgrades"
MANIFEST = Path(__file__).parents[2] / "adapters/cmdb/plugins/cmdb_find_host/plugin.yaml"


@pytest.fixture(scope="module")
def project(stand: Stand) -> str:
    """Kept by `pia`; a plugin is published."""
    stand.api.upload("/plugins", archive_of(yaml.safe_load(MANIFEST.read_text())))
    stand.api.post("/users", {"username": "pia", "password": PASSWORD, "display_name": "Pia"})
    stand.api.post("/projects", {"code": "operations", "name": "Operations"})
    stand.api.put("/projects/operations/members/pia", {"roles": ["maintainer"]})
    return "operations"


def test_a_plugin_is_installed_after_its_scopes_are_read_in_words_and_agreed_to(
    page: Page, stand: Stand, project: str
) -> None:
    sign_in(page, "pia", PASSWORD)
    page.goto(f"{stand.url}/catalogue/cmdb_find_host")
    page.get_by_test_id("plugin-install").click()
    dialog = page.get_by_role("dialog")
    asked = dialog.get_by_test_id("scope-cmdb:read")
    (words,) = stand.api.get("/catalogue/scopes", scope="cmdb:read")["items"]
    expect(asked).to_contain_text(words["text"]["en"])
    expect(asked).to_contain_text(words["components"][0])
    expect(asked).to_contain_text("cmdb:read")
    expect(page.get_by_test_id("install-submit")).to_be_disabled()
    assert stand.api.get(f"/projects/{project}/installs")["items"] == []
    dialog.get_by_text("I agree that it may do this").click()
    page.get_by_test_id("install-submit").click()
    expect(dialog).to_be_hidden()
    (installed,) = stand.api.get(f"/projects/{project}/installs")["items"]
    assert (installed["plugin"], installed["installed_by"]) == ("cmdb_find_host", "pia")
    assert installed["scopes"] == ["cmdb:read"]


def test_a_project_keeps_a_secret_changes_and_removes_it(page: Page, stand: Stand, project: str) -> None:
    sign_in(page, "pia", PASSWORD)
    page.goto(f"{stand.url}/installs")
    open_tab(page, "Secrets")
    page.get_by_test_id("secret-new").click()
    page.get_by_test_id("secret-name").fill("deploy-token")
    page.get_by_test_id("secret-value").fill("hush hush")
    page.get_by_test_id("secret-save").click()
    expect(page.get_by_test_id("secrets-table").get_by_text("deploy-token", exact=True)).to_be_visible()
    assert "hush" not in page.content()
    (kept,) = stand.api.get(f"/projects/{project}/secrets")["items"]
    assert (kept["name"], kept["source"], kept["updated_by"]) == ("deploy-token", "stored", "pia")
    page.get_by_test_id("secret-change-deploy-token").click()
    page.get_by_test_id("secret-value").fill("hush again")
    page.get_by_test_id("secret-save").click()
    expect(page.get_by_test_id("secret-save")).to_be_hidden()
    flow = stand.api.post(f"/projects/{project}/flows", {"name": "Deploy", "description": ""})
    definition = flow_of(plugin_node("deploy", "deployer", inputs={"line": "-t ${project.secrets.deploy-token}"}))
    stand.api.put(f"/flows/{flow['id']}/draft", {"definition": definition, "draft_version": 1})
    expect(page.get_by_test_id("secrets-table")).to_contain_text("${project.secrets.deploy-token}")
    page.get_by_test_id("secret-uses-deploy-token").click()
    expect(page.get_by_test_id("use")).to_contain_text("-t ${project.secrets.deploy-token}")
    page.get_by_test_id("uses-remove").click()
    expect(page.locator(".el-message-box")).to_contain_text("1 draft or revision uses it")
    confirm(page)
    expect(page.get_by_text("There are no named secrets")).to_be_visible()
    assert stand.api.get(f"/projects/{project}/secrets")["items"] == []


def look_up(version: str, **changed: Any) -> dict[str, Any]:
    """A plugin that finds businesses, in one of its versions."""
    return {
        "code": "look_up",
        "version": version,
        "kind": "component",
        "publisher": "upgraders",
        "name": {"en": "Look up", "zh": "查找"},
        "description": {"en": "Finds businesses.", "zh": "查找业务。"},
        "inputs": {"type": "object", "properties": {"name": {"type": "string", "title": "Name"}}},
        "outputs": {"type": "object", "properties": {"count": {"type": "integer"}}},
        "scopes": [{"scope": "cmdb:read", "reason": {"en": "To look them up.", "zh": "用于查找。"}}],
        "component": {
            "call": {"component": "cmdb.search_business", "body": {"condition": {"bk_biz_name": "${inputs.name}"}}},
            "outputs": {"count": "${response.data.count}"},
        },
        **changed,
    }


@pytest.fixture(scope="module")
def flow(stand: Stand) -> str:
    """A published flow of a project that has 1.0.0; 1.1.0 is out, and `uma` keeps the project and publishes."""
    api = stand.api
    api.upload("/plugins", archive_of(look_up("1.0.0")))
    newer = {"type": "object", "properties": {"name": {"type": "string"}, "area": {"type": "string"}}}
    api.upload("/plugins", archive_of(look_up("1.1.0", inputs=newer)))
    api.post("/users", {"username": "uma", "password": UMAS_PASSWORD, "display_name": "Uma", "is_admin": True})
    api.post("/projects", {"code": UMAS_PROJECT, "name": "Upgrades"})
    api.put(f"/projects/{UMAS_PROJECT}/members/uma", {"roles": ["maintainer"]})
    api.post(
        f"/projects/{UMAS_PROJECT}/installs", {"plugin": "look_up", "version": "1.0.0", "consent_scopes": ["cmdb:read"]}
    )
    made: str = api.post(f"/projects/{UMAS_PROJECT}/flows", {"name": "Count businesses"})["id"]
    nodes = [
        {"id": "start", "kind": "start"},
        {"id": "look", "kind": "plugin", "plugin": "look_up", "version": "1.0.0", "inputs": {"name": "web"}},
        {"id": "end", "kind": "end"},
    ]
    edges = [{"id": "a", "source": "start", "target": "look"}, {"id": "b", "source": "look", "target": "end"}]
    api.put(f"/flows/{made}/draft", {"definition": {"nodes": nodes, "edges": edges}, "draft_version": 1})
    api.post(f"/flows/{made}:publish")
    return made


def signed_in(page: Page, stand: Stand) -> None:
    sign_in(page, "uma", UMAS_PASSWORD)
    page.evaluate("code => localStorage.setItem('trunkline.project', code)", UMAS_PROJECT)
    page.goto(f"{stand.url}/installs")


def choose(page: Page, action: str) -> None:
    page.get_by_test_id("more-look_up-1.0.0").click()
    page.get_by_role("menuitem", name=action, exact=True).click()


def test_a_plugin_is_upgraded_with_its_flows_and_rolled_back(page: Page, stand: Stand, flow: str) -> None:
    signed_in(page, stand)
    page.get_by_test_id("upgrade-look_up").click()
    dialog = page.get_by_test_id("upgrade-dialog")
    expect(dialog.get_by_test_id("version-changes")).to_contain_text("inputs.area is new")
    expect(dialog.get_by_test_id("upgrade-flows")).to_contain_text("Count businesses")
    expect(dialog.get_by_test_id("upgrade-flows")).to_contain_text("revision 1")
    dialog.get_by_test_id("upgrade-submit").click()
    expect(dialog).to_be_hidden()
    assert stand.api.get(f"/flows/{flow}/revisions/2")["plugins"] == {"look_up": ["1.1.0"]}
    choose(page, "Roll back")
    back = page.get_by_test_id("rollback-dialog")
    expect(back.get_by_test_id("rollback-versions")).to_have_text("1.1.0→1.0.0")
    expect(back.get_by_test_id("version-changes")).to_contain_text("inputs.area is gone")
    expect(back.get_by_test_id("rollback-flows")).to_contain_text("Count businesses published anew")
    back.get_by_test_id("rollback-submit").click()
    expect(page.get_by_text("look_up is back at 1.0.0.")).to_be_visible()
    assert stand.api.get(f"/flows/{flow}/revisions/3")["plugins"] == {"look_up": ["1.0.0"]}
    choose(page, "Remove")
    page.get_by_test_id("install-remove").click()
    expect(page.get_by_test_id("problem")).to_contain_text("revision 3 of 'Count businesses' runs look_up 1.0.0")
    page.get_by_role("button", name="Cancel").click()


def test_a_policy_is_laid_down_and_tells_what_may_not_run(page: Page, stand: Stand, flow: str) -> None:
    signed_in(page, stand)
    open_tab(page, "Policy")
    page.get_by_test_id("rule-add").click()
    page.get_by_test_id("rule-publishers").fill("upgraders")
    page.keyboard.press("Enter")
    page.get_by_test_id("rule-reason").fill("not tested yet")
    page.get_by_test_id("policy-save").click()
    expect(page.get_by_text("The policy holds.")).to_be_visible()
    open_tab(page, "Plugins")
    expect(page.get_by_test_id("install-refusal")).to_have_text(
        "the policy of the project denies look_up: not tested yet"
    )
    standing = stand.api.get(f"/projects/{UMAS_PROJECT}/plugin-policy")
    assert [(rule["effect"], rule["publishers"]) for rule in standing["rules"]] == [("deny", ["upgraders"])]
    stand.api.put(f"/projects/{UMAS_PROJECT}/plugin-policy", {})


def test_whoever_looks_at_an_older_version_is_told_what_the_newest_would_break(
    page: Page, stand: Stand, flow: str
) -> None:
    signed_in(page, stand)
    page.goto(f"{stand.url}/catalogue/look_up")
    newer = page.get_by_test_id("newer-version")
    expect(newer).to_contain_text("Version 1.1.0 is there; this project runs 1.0.0.")
    expect(newer).to_contain_text("It breaks nothing that this project uses.")
    alone = {"scope": "cmdb.search_business", "reason": {"en": "To look up more.", "zh": "用于查找更多。"}}
    stand.api.put(f"/projects/{UMAS_PROJECT}/notice-groups/on call", {"people": ["uma"]})
    told = {"type": "array", "title": "Told", "items": {"type": "string", "format": "notice-group"}}
    asked = {"type": "object", "properties": {"area": {"type": "string"}, "told": told}, "required": ["area"]}
    other = look_up("2.0.0", inputs=asked)
    other["component"]["call"] = {"component": "cmdb.search_business", "body": {"fields": ["${inputs.area}"]}}
    stand.api.upload("/plugins", archive_of({**other, "scopes": [*other["scopes"], alone]}))
    page.reload()
    expect(newer).to_contain_text("Version 2.0.0 is there")
    expect(newer.get_by_role("listitem")).to_contain_text(["inputs.area is new and required", "inputs.name is gone"])
    expect(newer).to_contain_text("These flows could not run it as they are: Count businesses")
    expect(newer).to_contain_text("It asks for more: cmdb.search_business")
    open_tab(page, "Form preview")
    page.get_by_test_id("notice-groups").click()
    expect(page.get_by_role("option", name="on call")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_test_id("newer-upgrade").click()
    expect(page.get_by_test_id("upgrade-dialog")).to_be_visible()


def test_a_plugin_is_begun_from_a_component_tried_and_published(page: Page, stand: Stand, flow: str) -> None:
    signed_in(page, stand)
    page.goto(f"{stand.url}/new-plugin")
    page.get_by_test_id("start-component").locator("input").fill("search_business")
    page.get_by_role("option", name="cmdb.search_business").first.click()
    page.get_by_test_id("start-code").fill("count_them")
    page.get_by_test_id("start-publisher").fill("upgraders")
    page.get_by_test_id("start-submit").click()
    expect(page.get_by_test_id("draft-sound")).to_be_visible()
    page.get_by_test_id("manifest-component-success").fill("response.result == true")
    page.get_by_role("button", name="What it gives").click()
    page.get_by_test_id("add-outputs").fill("count")
    page.keyboard.press("Enter")
    page.get_by_test_id("add-component-outputs").fill("count")
    page.keyboard.press("Enter")
    page.get_by_test_id("value-count").fill("${response.message}")
    page.get_by_test_id("step-polls").click()
    expect(page.get_by_test_id("draft-problems")).to_contain_text("component.poll.call.component")
    page.get_by_test_id("step-polls").click()
    expect(page.get_by_test_id("draft-sound")).to_be_visible()
    open_tab(page, "plugin.yaml")
    text = page.get_by_test_id("draft-text").locator("textarea").or_(page.locator("textarea[data-testid=draft-text]"))
    written = text.first.input_value()
    assert "success: response.result == true" in written
    assert 'count: "${response.message}"' in written
    text.first.fill(written.replace("cmdb:read", "cmdb:reed"))
    expect(page.get_by_test_id("draft-problems")).to_contain_text("cmdb:reed is asked for by no registered component")
    text.first.fill(written)
    expect(page.get_by_test_id("draft-sound")).to_be_visible()
    open_tab(page, "Try")
    page.get_by_test_id("trial-run").click()
    expect(page.get_by_test_id("trial-calls")).to_contain_text("/api/cmdb/prod/")
    page.get_by_test_id("trial-give").click()
    expect(page.get_by_test_id("trial-end")).to_contain_text("Done")
    page.get_by_test_id("draft-publish").click()
    page.wait_for_url("**/catalogue/count_them?version=0.1.0")
    assert stand.api.get("/plugins/count_them")["latest_version"] == "0.1.0"
