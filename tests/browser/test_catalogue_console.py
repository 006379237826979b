"""Finding plugins and seeing how they stand, in a real browser."""

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.support.console import open_tab, sign_in
from tests.support.packages import FIND_HOST, archive_of, manifest_of
from tests.support.stand import Stand

KEEPERS_PASSWORD = "kim-keeps-the-catalogue"
PASSWORD = "pia-looks-for-plugins"
CALL = {**FIND_HOST["component"]["call"], "component": "cmdb.search_business", "path": {}, "body": {}}


@pytest.fixture(scope="module")
def published(stand: Stand) -> Stand:
    """Two plugins; of one an old version too."""
    component = {**FIND_HOST["component"], "call": CALL, "outputs": {}}
    first = manifest_of(FIND_HOST, component=component)
    second = manifest_of(first, code="move_host", name={"en": "Move host", "zh": "转移主机"}, tags=["other"])
    for manifest in (first, manifest_of(first, version="1.1.0"), second):
        stand.api.upload("/plugins", archive_of(manifest))
    stand.api.post("/users", {"username": "pia", "password": PASSWORD, "display_name": "Pia"})
    return stand


def test_plugins_are_found_by_words_and_by_what_they_are(page: Page, published: Stand) -> None:
    sign_in(page, "pia", PASSWORD)
    page.goto(f"{published.url}/catalogue")
    cards = page.get_by_test_id("plugin-card")
    expect(cards).to_have_count(2)
    page.get_by_test_id("facet-tag-other").click()
    expect(cards).to_have_count(1)
    expect(cards).to_contain_text("Move host")
    page.get_by_test_id("facet-tag-other").click()
    page.get_by_test_id("plugin-search").fill("转移")
    expect(cards).to_have_count(1)
    expect(page.get_by_test_id("plugin-total")).to_have_text("1 plugin")
    page.get_by_test_id("plugin-search").fill("mvoe hsot")
    page.get_by_test_id("plugin-meant").click()
    expect(page.get_by_test_id("plugin-search")).to_have_value("move host")
    expect(cards).to_have_count(1)
    cards.click()
    expect(page.get_by_test_id("plugin-version")).to_be_visible()


def test_whoever_looks_at_a_version_is_told_what_is_wrong_with_it(page: Page, published: Stand) -> None:
    text = {"en": "It finds hosts of others.", "zh": "会查到他人的主机。"}
    warning = {"severity": "critical", "affected": "<1.1.0", "title": text, "text": text}
    published.api.post("/plugins/find_host/advisories", warning)
    published.api.put("/plugins/find_host/versions/1.0.0/yank", {"message": "Take 1.1.0."})
    wanted = {"message": "It has an end.", "replacement": "move_host"}
    published.api.put("/plugins/find_host/deprecation", wanted)
    sign_in(page, "pia", PASSWORD)
    page.goto(f"{published.url}/catalogue/find_host?version=1.0.0")
    expect(page.get_by_test_id("advisory")).to_contain_text("It finds hosts of others.")
    expect(page.get_by_test_id("plugin-yanked")).to_contain_text("Take 1.1.0.")
    expect(page.get_by_test_id("plugin-deprecated").get_by_role("link")).to_have_attribute(
        "href", "/catalogue/move_host"
    )
    page.goto(f"{published.url}/catalogue/find_host")
    expect(page.get_by_test_id("plugin-deprecated")).to_be_visible()
    expect(page.get_by_test_id("advisory")).to_have_count(0)


@pytest.fixture
def keeper(published: Stand) -> Stand:
    """`kim` administers."""
    if not any(user["username"] == "kim" for user in published.api.get("/users")["items"]):
        published.api.post(
            "/users", {"username": "kim", "password": KEEPERS_PASSWORD, "display_name": "Kim", "is_admin": True}
        )
    return published


def test_names_are_reserved_and_a_publisher_is_told_what_proves_its_domain(page: Page, keeper: Stand) -> None:
    sign_in(page, "kim", KEEPERS_PASSWORD)
    page.goto(f"{keeper.url}/catalogue")
    page.get_by_test_id("catalogue-keeping").click()
    page.get_by_test_id("namespace-prefix").fill("ops_")
    names = page.get_by_test_id("namespace-publishers")
    names.fill("acme")
    names.press("Enter")
    page.get_by_test_id("namespace-reserve").click()
    expect(page.get_by_test_id("namespaces")).to_contain_text("ops_…")
    assert keeper.api.get("/plugin-namespaces")["items"][0]["publishers"] == ["acme"]
    page.get_by_test_id("verify-acme").click()
    page.get_by_test_id("publisher-domain").fill("acme.example")
    page.get_by_test_id("publisher-claim").click()
    expect(page.get_by_test_id("publisher-record")).to_contain_text("_trunkline-publisher.acme.example")


def test_another_installation_is_followed_and_what_became_of_its_versions_is_shown(page: Page, keeper: Stand) -> None:
    token = (keeper.server.data_dir / "cli-token").read_text().strip()
    sign_in(page, "kim", KEEPERS_PASSWORD)
    page.goto(f"{keeper.url}/catalogue-keeping")
    open_tab(page, "Mirrors")
    page.get_by_test_id("mirror-new").click()
    page.get_by_test_id("mirror-name").fill("hub")
    page.get_by_test_id("mirror-url").fill(keeper.url)
    page.get_by_test_id("mirror-token").fill(token)
    page.get_by_test_id("mirror-save").click()
    versions = page.get_by_test_id("mirror-versions-hub")
    expect(versions).to_contain_text("here before")
    versions.click()
    found = page.get_by_test_id("mirrored-version").filter(has_text="find_host").first
    expect(found).to_have_attribute("data-state", "present")


def test_an_address_is_told_of_changes_by_a_secret_that_is_shown_once(page: Page, keeper: Stand) -> None:
    sign_in(page, "kim", KEEPERS_PASSWORD)
    page.goto(f"{keeper.url}/catalogue-keeping")
    open_tab(page, "Webhooks")
    page.get_by_test_id("webhook-new").click()
    page.get_by_test_id("catalogue-webhook-url").fill(f"{keeper.url}/livez")
    page.get_by_test_id("catalogue-webhook-save").click()
    expect(page.get_by_test_id("secret")).to_contain_text("whsec_")
    keeper.api.put("/plugins/move_host/versions/1.0.0/channel", {"channel": "beta"})
    page.get_by_test_id("webhook-deliveries").click()
    expect(page.get_by_test_id("delivery")).to_contain_text("plugin.channel_changed")


def test_a_bundle_is_looked_at_before_it_is_taken(page: Page, keeper: Stand) -> None:
    query = {"plugin": "find_host@1.1.0"}
    token = (keeper.server.data_dir / "cli-token").read_text().strip()
    bundle = httpx.get(
        f"{keeper.url}/v1/plugin-bundles", params=query, headers={"Authorization": f"Bearer {token}"}
    ).content
    sign_in(page, "kim", KEEPERS_PASSWORD)
    page.goto(f"{keeper.url}/catalogue-keeping")
    open_tab(page, "Bundles")
    page.get_by_test_id("bundle-plugins").click()
    page.get_by_role("option", name="find_host 1.1.0").click()
    with page.expect_download() as taken:
        page.get_by_test_id("bundle-download").click()
    assert taken.value.path().read_bytes() == bundle
    page.get_by_test_id("file").set_input_files(
        {"name": "plugins.bundle.zip", "mimeType": "application/zip", "buffer": bundle}
    )
    found = page.get_by_test_id("bundle-preview").locator("li")
    expect(found).to_contain_text("find_host 1.1.0")
    expect(found).to_have_attribute("data-outcome", "unchanged")
    page.get_by_test_id("bundle-take").click()
    expect(page.get_by_text("1 package taken")).to_be_visible()


def test_what_flows_do_by_themselves_is_found_under_its_old_name(page: Page, published: Stand) -> None:
    sign_in(page, "pia", PASSWORD)
    page.goto(f"{published.url}/catalogue")
    expect(page.get_by_test_id("plugin-card").first).to_be_visible()
    expect(page.get_by_test_id("built-in")).to_have_count(0)
    page.get_by_test_id("plugin-search").fill("sleep_timer")
    expect(page.get_by_test_id("built-in")).to_contain_text("Timer")
