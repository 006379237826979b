"""How hosted plugins do, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.console import confirm, sign_in
from tests.support.hosted_plugin import hosted_package
from tests.support.stand import Stand

PATIENCE = 60_000
PASSWORD = "hal-hosts-plugins"


@pytest.fixture(scope="module")
def installed(stand: Stand, tmp_path_factory: pytest.TempPathFactory) -> None:
    stand.api.post("/users", {"username": "hal", "password": PASSWORD, "display_name": "Hal", "is_admin": True})
    stand.api.post("/projects", {"code": "shop", "name": "Shop", "description": ""})
    stand.api.upload("/plugins", hosted_package(tmp_path_factory.mktemp("package") / "greet"))
    stand.api.post("/projects/shop/installs", {"plugin": "greet", "version": "1.0.0", "consent_scopes": []})


@pytest.mark.usefixtures("installed")
def test_an_operator_follows_stops_and_starts_a_plugin(page: Page, stand: Stand) -> None:
    sign_in(page, "hal", PASSWORD)
    page.get_by_role("link", name="Hosted plugins").click()
    table = page.get_by_test_id("hosted-plugins")
    expect(table.locator("[data-state=running]")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("plugin-hosting")).to_contain_text("Processor")
    page.get_by_test_id("log-greet").click()
    expect(page.get_by_test_id("hosted-log")).to_contain_text("-- starting")
    page.keyboard.press("Escape")
    page.get_by_test_id("stop-greet").click()
    confirm(page)
    expect(table.locator("[data-state=stopped]")).to_be_visible(timeout=PATIENCE)
    page.get_by_test_id("start-greet").click()
    expect(table.locator("[data-state=running]")).to_be_visible(timeout=PATIENCE)
