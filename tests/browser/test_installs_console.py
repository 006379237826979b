"""What a project has installed, as people of several roles see it, in a real browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.support.console import open_tab, sign_in
from tests.support.packages import archive_of
from tests.support.stand import Stand

PASSWORD = "mia-maintains-the-mall"
PROJECT = "mall"
READ = {"scope": "cmdb:read", "reason": {"en": "To look them up.", "zh": "用于查找。"}}
EXECUTE = {"scope": "job:execute", "reason": {"en": "To run a script there.", "zh": "在那里执行脚本。"}}
SEARCH = {"call": {"component": "cmdb.search_business", "body": {"condition": {"bk_biz_name": "${inputs.name}"}}}}
SCRIPT = {
    "when": "has(inputs.area)",
    "call": {"component": "job.fast_execute_script", "body": {"script_content": "${inputs.area}"}},
}


def count_shops(version: str, **changed: Any) -> bytes:
    """A package of a plugin that looks businesses up."""
    manifest = {
        "code": "count_shops",
        "version": version,
        "kind": "component",
        "publisher": "malls",
        "name": {"en": "Count shops", "zh": "统计店铺"},
        "description": {"en": "Counts shops.", "zh": "统计店铺数量。"},
        "inputs": {"type": "object", "properties": {"name": {"type": "string"}}},
        "outputs": {"type": "object", "properties": {}},
        "scopes": [READ],
        "component": SEARCH,
        **changed,
    }
    return archive_of(manifest)


@pytest.fixture(scope="module", autouse=True)
def mall(stand: Stand) -> None:
    """A project with 1.0.0 of a plugin, of which 1.1.0 asks for more; `mia` keeps it and does not own it."""
    api = stand.api
    api.upload("/plugins", count_shops("1.0.0"))
    inputs = {"type": "object", "properties": {"name": {"type": "string"}, "area": {"type": "string"}}}
    grown = {"inputs": inputs, "scopes": [READ, EXECUTE], "component": {"steps": [SEARCH, SCRIPT]}}
    api.upload("/plugins", count_shops("1.1.0", **grown))
    api.post("/users", {"username": "mia", "password": PASSWORD, "display_name": "Mia"})
    api.post("/projects", {"code": PROJECT, "name": "Mall"})
    api.put(f"/projects/{PROJECT}/members/mia", {"roles": ["maintainer"]})
    wanted = {"plugin": "count_shops", "version": "1.0.0", "consent_scopes": ["cmdb:read"]}
    api.post(f"/projects/{PROJECT}/installs", wanted)


@pytest.fixture
def console(page: Page, stand: Stand) -> Iterator[Page]:
    """Where `mia` is signed in; no script may have failed in it, even one whose failure was caught."""
    failed: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            failed.append(message.text)

    page.on("console", note)
    sign_in(page, "mia", PASSWORD)
    page.evaluate("code => localStorage.setItem('trunkline.project', code)", PROJECT)
    yield page
    page.remove_listener("console", note)
    assert failed == []


def test_who_does_not_own_a_project_reads_its_policy_and_is_told_who_changes_it(console: Page, stand: Stand) -> None:
    console.goto(f"{stand.url}/installs")
    console.get_by_test_id("more-count_shops-1.0.0").click()
    expect(console.get_by_role("menuitem", name="Remove", exact=True)).to_be_visible()
    expect(console.get_by_role("menuitem", name="Switch off", exact=True)).to_have_count(0)
    console.keyboard.press("Escape")
    open_tab(console, "Policy")
    expect(console.get_by_test_id("policy-owners")).to_be_visible()
    expect(console.get_by_test_id("policy-save")).to_have_count(0)


def test_an_install_tells_that_its_version_was_withdrawn_and_its_plugin_has_an_end(console: Page, stand: Stand) -> None:
    api = stand.api
    api.upload("/plugins", count_shops("1.0.0", code="count_stalls"))
    wanted = {"plugin": "count_stalls", "version": "1.0.0", "consent_scopes": ["cmdb:read"]}
    api.post(f"/projects/{PROJECT}/installs", wanted)
    api.put("/plugins/count_stalls/versions/1.0.0/yank", {"message": "It counts twice."})
    end = {"message": "Stalls are shops now.", "replacement": "count_shops", "ends_on": "2031-01-31"}
    api.put("/plugins/count_stalls/deprecation", end)
    console.goto(f"{stand.url}/installs")
    expect(console.get_by_test_id("install-yanked")).to_contain_text("It counts twice.")
    told = console.get_by_test_id("install-deprecated")
    expect(told).to_contain_text("31 Jan 2031")
    expect(told.get_by_role("link")).to_have_attribute("href", "/catalogue/count_shops")


def test_a_plugin_that_asks_for_more_is_changed_to_after_that_was_read_and_says_what_is_not_approved_yet(
    console: Page, stand: Stand
) -> None:
    console.goto(f"{stand.url}/catalogue/count_shops")
    console.get_by_test_id("plugin-change").click()
    dialog = console.get_by_test_id("upgrade-dialog")
    expect(dialog.get_by_test_id("scope-job:execute")).to_contain_text("To run a script there.")
    expect(dialog.get_by_test_id("version-changes")).to_contain_text("inputs.area is new")
    expect(dialog.get_by_test_id("upgrade-submit")).to_be_disabled()
    dialog.get_by_test_id("upgrade-consent").click()
    dialog.get_by_test_id("upgrade-submit").click()
    expect(console.get_by_text("2 permissions wait for the approval of their systems' owners")).to_be_visible()
    expect(console.get_by_test_id("installed-versions")).to_contain_text("1.0.0, 1.1.0")
    expect(console.get_by_test_id("plugin-change")).to_have_count(0)
    expect(console.get_by_test_id("newer-version")).to_have_count(0)
