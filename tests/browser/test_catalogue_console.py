"""Finding plugins and seeing how they stand, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.console import sign_in
from tests.support.packages import FIND_HOST, archive_of, manifest_of
from tests.support.stand import Stand

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
