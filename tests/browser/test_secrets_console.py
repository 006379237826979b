"""Named secrets and the audit log in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_gateway_console import open_tab, sign_in
from tests.support.browser import open_browser
from tests.support.stand import Stand


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser, stand: Stand) -> Iterator[Page]:
    user = {"username": "sue", "password": "sue-keeps-secrets", "display_name": "Sue", "is_admin": True}
    stand.api.post("/users", user)
    context = browser.new_context(viewport={"width": 1360, "height": 900}, locale="en-GB")
    opened = context.new_page()
    opened.goto(stand.url)
    sign_in(opened, "sue", "sue-keeps-secrets")
    yield opened
    context.close()


def test_a_secret_is_kept_used_by_a_stage_and_its_change_stands_in_the_audit_log(page: Page, stand: Stand) -> None:
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
    page.get_by_test_id("signing-profile").click()
    page.get_by_role("option", name="Basic", exact=True).click()
    page.get_by_test_id("signing-username").fill("trunkline")
    page.get_by_test_id("signing-named").click()
    page.get_by_role("option", name="the named secret password").click()
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
