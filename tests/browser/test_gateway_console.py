"""The console of the gateway in a real browser: register without code, release, try, govern, roll back."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.console import confirm, open_tab, sign_in
from tests.support.stand import Stand

OWNER, OWNER_PASSWORD = "olga", "olga-owns-systems"
GUEST, GUEST_PASSWORD = "gus", "gus-looks-around"
DAMAGED = """openapi: 3.1.0
info: {title: Damaged, version: "1"}
paths:
  /hosts:
    get:
      operationId: list_hosts
      parameters:
        - {name: limit, in: nowhere}
"""


@pytest.fixture(scope="module", autouse=True)
def _people(stand: Stand) -> None:
    """Somebody who may register systems, and somebody without any right."""
    for name, password, is_admin in ((OWNER, OWNER_PASSWORD, True), (GUEST, GUEST_PASSWORD, False)):
        user = {"username": name, "password": password, "display_name": name.title(), "is_admin": is_admin}
        stand.api.post("/users", user)


def number(page: Page, field: str) -> Locator:
    return page.get_by_test_id(field).locator("input")


def register_system(page: Page, name: str, upstream: str) -> None:
    page.get_by_role("link", name="Systems").click()
    page.get_by_test_id("system-new").click()
    page.get_by_test_id("import-name").fill(name)
    page.get_by_test_id("import-upstream").fill(upstream)
    page.get_by_test_id("system-create").click()
    expect(page.get_by_test_id("draft-summary")).to_be_visible()


def add_component_from_curl(page: Page, line: str) -> None:
    page.get_by_test_id("draft-curl").click()
    page.get_by_test_id("curl-line").fill(line)
    page.get_by_test_id("curl-read").click()
    expect(page.get_by_test_id("component-editor")).to_be_visible()


def release_and_activate(page: Page, version: str) -> None:
    page.get_by_test_id("release-new").click()
    page.get_by_test_id("release-create").filter(has_text=version).click()
    page.get_by_test_id("activate-submit").click()
    expect(page.get_by_test_id("activate-submit")).to_be_hidden()
    expect(page.get_by_test_id("live-note")).to_have_attribute("data-live", "true")


def test_from_a_curl_line_to_a_governed_release_and_back(page: Page, stand: Stand) -> None:
    sign_in(page, OWNER, OWNER_PASSWORD)
    register_system(page, "tools", stand.url)

    add_component_from_curl(page, f"curl '{stand.url}/livez' -H 'Authorization: Bearer not-to-be-kept'")
    expect(page.get_by_test_id("component-path")).to_have_value("/livez")
    expect(page.get_by_role("dialog", name="New component")).to_contain_text("credential")
    page.get_by_test_id("component-name").fill("is_alive")
    page.get_by_test_id("component-save").click()
    expect(page.get_by_test_id("draft-state-is_alive")).to_have_text("new")
    release_and_activate(page, "1.0.0")

    open_tab(page, "Components")
    page.get_by_test_id("component-is_alive").click()
    open_tab(page, "Try it")
    page.get_by_test_id("try-send").click()
    expect(page.get_by_test_id("try-status")).to_have_text("200")
    expect(page.get_by_test_id("try-answer")).to_contain_text("alive")
    page.keyboard.press("Escape")

    open_tab(page, "Policies")
    page.get_by_test_id("policy-prod-mock").click()
    number(page, "field-status").fill("999")
    number(page, "field-status").press("Tab")
    page.get_by_test_id("policy-save").click()
    expect(page.get_by_test_id("field-status")).to_contain_text("599")
    number(page, "field-status").fill("203")
    number(page, "field-status").press("Tab")
    page.get_by_test_id("policy-save").click()
    expect(page.get_by_test_id("policy-prod-mock")).to_contain_text("203")

    open_tab(page, "Components")
    page.get_by_test_id("component-is_alive").click()
    open_tab(page, "Try it")
    page.get_by_test_id("try-send").click()
    expect(page.get_by_test_id("try-status")).to_have_text("203")
    page.keyboard.press("Escape")

    open_tab(page, "Draft")
    page.get_by_test_id("draft-new").click()
    page.get_by_test_id("component-name").fill("is_ready")
    page.get_by_test_id("component-path").fill("readyz")
    page.get_by_test_id("component-save").click()
    expect(page.get_by_test_id("component-editor")).to_contain_text("Write a path like")
    page.get_by_test_id("component-path").fill("/readyz")
    page.get_by_test_id("component-save").click()
    expect(page.get_by_test_id("draft-summary")).to_contain_text("1 new")
    release_and_activate(page, "1.1.0")

    open_tab(page, "Stages")
    expect(page.get_by_test_id("stage-release")).to_have_text("1.1.0")
    page.get_by_test_id("stage-rollback").click()
    confirm(page)
    expect(page.get_by_test_id("stage-release")).to_have_text("1.0.0")
    expect(page.get_by_test_id("activations")).to_contain_text("rolled back")


def test_wrong_places_of_a_document_are_shown_with_their_lines_and_nothing_is_registered(
    page: Page, stand: Stand
) -> None:
    sign_in(page, OWNER, OWNER_PASSWORD)
    page.get_by_role("link", name="Systems").click()
    page.get_by_test_id("system-import").click()
    page.get_by_test_id("import-document").fill(DAMAGED)
    expect(page.get_by_test_id("import-name")).to_have_value("damaged")
    page.get_by_test_id("import-upstream").fill(stand.url)
    page.get_by_test_id("import-submit").click()
    expect(page.get_by_test_id("import-problems")).to_contain_text("line 8")
    assert all(system["name"] != "damaged" for system in stand.api.get("/systems")["items"])


def test_an_upstream_that_may_not_be_called_is_refused_at_its_line(page: Page, stand: Stand) -> None:
    sign_in(page, OWNER, OWNER_PASSWORD)
    page.goto(f"{stand.url}/registry/cmdb/stages")
    page.get_by_test_id("upstream-edit-default").click()
    page.get_by_test_id("target-add").click()
    page.get_by_test_id("target-url-1").fill("http://169.254.169.254/latest")
    page.get_by_test_id("upstream-save").click()
    expect(page.get_by_role("dialog").get_by_role("alert").last).to_contain_text("169.254.169.254")
    kept = stand.api.get("/systems/cmdb/stages/prod/upstreams")["items"][0]["targets"]
    assert [target["url"] for target in kept] == [f"{stand.url}/systems/cmdb"]


def test_what_an_export_wrote_is_planned_to_change_nothing(page: Page, stand: Stand) -> None:
    sign_in(page, OWNER, OWNER_PASSWORD)
    page.goto(f"{stand.url}/registry/notify")
    with page.expect_download() as download:
        page.get_by_test_id("system-export").click()
    page.get_by_test_id("system-manifest").click()
    page.get_by_role("dialog").locator("input[type=file]").set_input_files(Path(download.value.path()))
    page.get_by_test_id("manifest-plan").click()
    expect(page.get_by_test_id("manifest-changes")).to_contain_text("notify is what the document says already")
    expect(page.get_by_test_id("manifest-apply")).to_be_disabled()


def test_another_system_answers_a_stages_components_until_it_is_brought_back(page: Page, stand: Stand) -> None:
    sign_in(page, OWNER, OWNER_PASSWORD)
    page.goto(f"{stand.url}/registry/job/stages")
    expect(page.get_by_test_id("back-end-chosen")).to_have_text("The embedded system")
    page.get_by_test_id("back-end-edit").click()
    page.get_by_text("BlueKing's own system").click()
    page.get_by_test_id("back-end-address").fill("http://10.0.0.1")
    page.get_by_test_id("back-end-app").fill("trunkline")
    page.get_by_test_id("back-end-secret").fill("hush hush")
    page.get_by_test_id("back-end-save").click()
    expect(page.get_by_role("dialog")).to_contain_text("leads to an address inside the machine or its network")
    page.get_by_test_id("back-end-address").fill(stand.url)
    page.get_by_role("dialog").get_by_text("components are refused").click()
    expect(page.get_by_role("dialog")).to_contain_text("create_account")
    page.get_by_test_id("back-end-save").click()
    expect(page.get_by_test_id("back-end-save")).to_be_hidden()
    expect(page.get_by_test_id("back-end")).to_contain_text("Through the ESB")
    expect(page.get_by_test_id("signing")).to_contain_text("BlueKing app")
    page.get_by_test_id("back-end-edit").click()
    page.get_by_role("dialog").get_by_text("The embedded system").click()
    page.get_by_test_id("back-end-save").click()
    expect(page.get_by_test_id("back-end-chosen")).to_have_text("The embedded system")
    expect(page.get_by_test_id("stage-release")).to_have_text("1.0.0")


def test_who_does_not_manage_a_system_sees_what_it_serves_and_changes_nothing(page: Page, stand: Stand) -> None:
    sign_in(page, GUEST, GUEST_PASSWORD)
    page.goto(f"{stand.url}/registry/cmdb/stages")
    expect(page.get_by_test_id("stage-release")).to_have_text("1.0.0")
    for button in ("stage-activate", "stage-rollback", "stage-new", "system-manifest"):
        expect(page.get_by_test_id(button)).to_be_disabled()
    expect(page.get_by_test_id("upstream-edit-default")).to_have_count(0)
    expect(page.get_by_role("tab", name="Draft", exact=True)).to_have_count(0)
    open_tab(page, "Policies")
    expect(page.get_by_test_id("policies")).to_be_visible()
    expect(page.get_by_test_id("policy-system-cors")).to_have_count(0)
