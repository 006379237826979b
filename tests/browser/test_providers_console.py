"""Identity providers are kept in the console, in a real browser."""

from playwright.sync_api import Page, expect

from tests.support.console import choose, confirm, sign_in
from tests.support.stand import Stand


def test_an_administrator_offers_a_provider_on_the_sign_in_page_and_takes_it_away(page: Page, stand: Stand) -> None:
    stand.api.post("/users", {"username": "ida", "password": "ida-administers", "is_admin": True})
    sign_in(page, "ida", "ida-administers")
    page.get_by_test_id("nav-identity-providers").click()
    page.get_by_test_id("provider-new").click()
    page.get_by_test_id("provider-name").fill("corp")
    page.get_by_test_id("provider-title").fill("Corporate sign-in")
    page.get_by_test_id("provider-issuer").fill("id.example.com")
    page.get_by_test_id("provider-client_id").fill("trunkline")
    page.get_by_test_id("provider-secret").fill("hush hush")
    page.get_by_test_id("rule-add").click()
    page.get_by_test_id("rule-value-0").fill("registrars")
    choose(page, "rule-role-0", "Registers systems")
    page.get_by_test_id("provider-save").click()
    expect(page.get_by_role("dialog")).to_contain_text("does not have the form wanted")
    page.get_by_test_id("provider-issuer").fill("https://id.example.com")
    page.get_by_test_id("provider-save").click()
    expect(page.get_by_test_id("providers")).to_contain_text("/v1/sign-in/oidc/corp/callback")
    assert "hush" not in page.content()

    page.get_by_test_id("provider-change-corp").click()
    page.get_by_test_id("provider-title").fill("Corp")
    page.get_by_test_id("provider-save").click()
    expect(page.get_by_test_id("providers").get_by_text("Corp", exact=True)).to_be_visible()
    kept = stand.api.get("/identity-providers/corp")
    rule = {"claim": "groups", "value": "registrars", "role": "registrar", "project": None}
    assert (kept["has_client_secret"], kept["role_rules"]) == (True, [rule])
    assert stand.api.get("/sign-in/methods")["providers"] == [{"name": "corp", "title": "Corp"}]

    page.get_by_test_id("provider-remove-corp").click()
    confirm(page)
    expect(page.get_by_text("Nobody signs in elsewhere")).to_be_visible()
    assert stand.api.get("/sign-in/methods")["providers"] == []
