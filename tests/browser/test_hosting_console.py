"""How hosted plugins do, in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.console import confirm, sign_in
from tests.support.hosted_plugin import hosted_package
from tests.support.one_node_tasks import OneNodeTasks
from tests.support.stand import Stand

PATIENCE = 60_000
PASSWORD = "hal-hosts-plugins"


@pytest.fixture(scope="module")
def operator(stand: Stand) -> None:
    stand.api.post("/users", {"username": "hal", "password": PASSWORD, "display_name": "Hal", "is_admin": True})
    stand.api.post("/projects", {"code": "shop", "name": "Shop", "description": ""})
    stand.api.put("/projects/shop/members/hal", {"roles": ["maintainer"]})


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package")
    packed = folder / "greet.zip"
    packed.write_bytes(hosted_package(folder / "greet"))
    return packed


@pytest.mark.usefixtures("operator")
def test_a_package_that_is_uploaded_is_installed_and_runs_in_a_flow(page: Page, stand: Stand, package: Path) -> None:
    sign_in(page, "hal", PASSWORD)
    page.goto(f"{stand.url}/catalogue")
    page.get_by_test_id("plugin-publish").click()
    page.get_by_test_id("file").set_input_files(package)
    page.get_by_test_id("plugin-publish-submit").click()
    page.get_by_test_id("plugin-install").click()
    page.get_by_test_id("install-submit").click()
    page.goto(f"{stand.url}/hosted-plugins")
    expect(page.get_by_test_id("hosted-plugins").locator("[data-state=running]")).to_be_visible(timeout=PATIENCE)
    page.goto(f"{stand.url}/tasks/{OneNodeTasks(stand.api).launch('poll')}")
    expect(page.locator("[data-state=FINISHED]").first).to_be_visible(timeout=PATIENCE)


@pytest.fixture(scope="module")
def installed(stand: Stand, operator: None, package: Path) -> None:
    """Also where nobody has done so on the pages before."""
    if not stand.api.get("/projects/shop/installs")["items"]:
        stand.api.upload("/plugins", package.read_bytes())
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
