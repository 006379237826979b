"""Installing plugins, and the secrets they are given, in a real browser."""

from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Page, expect

from tests.support.console import confirm, open_tab, sign_in
from tests.support.packages import archive_of
from tests.support.stand import Stand

PASSWORD = "pia-installs-plugins"
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
    page.get_by_test_id("secret-remove-deploy-token").click()
    confirm(page)
    expect(page.get_by_text("There are no named secrets")).to_be_visible()
    assert stand.api.get(f"/projects/{project}/secrets")["items"] == []
