"""Accounts in a real browser: made, let in by a link, looked after by their owner; members and why a button is grey."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.console import confirm, sign_in
from tests.support.project import publish_flow
from tests.support.stand import Stand

BOSS, BOSS_PASSWORD = "berta", "berta-looks-after"
ANN_PASSWORD = "ann chose this one"


@pytest.fixture(scope="module", autouse=True)
def _boss(stand: Stand) -> None:
    user = {"username": BOSS, "password": BOSS_PASSWORD, "display_name": "Berta", "is_admin": True}
    stand.api.post("/users", user)


def test_an_account_is_made_let_in_by_a_link_and_looked_after(page: Page, stand: Stand, tmp_path: Path) -> None:
    sign_in(page, BOSS, BOSS_PASSWORD)
    page.get_by_test_id("nav-people").click()
    page.get_by_test_id("person-new").click()
    page.get_by_test_id("person-username").fill("ann")
    page.get_by_test_id("person-create").click()
    link = page.get_by_test_id("secret").inner_text()
    page.get_by_test_id("person-done").click()
    page.get_by_test_id("roles-ann").click()
    page.get_by_test_id("role-registrar").click()
    page.get_by_test_id("roles-save").click()
    expect(page.get_by_test_id("people")).to_contain_text(f"given by {BOSS}")
    page.screenshot(path=tmp_path / "people.png")
    page.get_by_test_id("user-menu").click()
    page.get_by_test_id("sign-out").click()

    page.goto(link)
    for field in ("set-password", "set-password-again"):
        page.get_by_test_id(field).fill(ANN_PASSWORD)
    page.get_by_test_id("set-password-save").click()
    sign_in(page, "ann", ANN_PASSWORD)
    expect(page.get_by_test_id("nav-people")).to_have_count(0)
    expect(page.get_by_test_id("nav-tasks")).to_be_visible()
    expect(page.get_by_test_id("nav-members"), "she belongs to no project").to_have_count(0)
    expect(page.get_by_test_id("nav-audit"), "she may read none of it").to_have_count(0)
    page.get_by_test_id("user-menu").click()
    page.get_by_test_id("my-account").click()
    expect(page.get_by_test_id("session")).to_contain_text("here")
    page.get_by_test_id("token-new").click()
    page.get_by_test_id("token-name").fill("ci")
    page.get_by_test_id("token-create").click()
    assert page.get_by_test_id("secret").inner_text().startswith("tlp_")
    page.get_by_test_id("token-done").click()
    expect(page.get_by_test_id("api-token")).to_contain_text("ci")
    page.screenshot(path=tmp_path / "account.png", full_page=True)
    page.goto(link)
    page.get_by_test_id("set-password").fill(ANN_PASSWORD)
    page.get_by_test_id("set-password-again").fill(ANN_PASSWORD)
    page.get_by_test_id("set-password-save").click()
    expect(page.get_by_test_id("link-gone")).to_be_visible()


def test_a_temporary_password_is_changed_before_anything_else(page: Page, stand: Stand) -> None:
    stand.api.post("/users", {"username": "tim"})
    temporary = stand.api.post("/users/tim:reset-password", {"by": "temporary"})["password"]
    sign_in(page, "tim", temporary)
    expect(page.get_by_test_id("must-change")).to_be_visible()
    page.goto(f"{stand.url}/tasks")
    expect(page.get_by_test_id("must-change")).to_be_visible()
    page.get_by_test_id("password-old").fill(temporary)
    page.get_by_test_id("password-new").fill("tim chose this one")
    page.get_by_test_id("password-again").fill("tim chose this one")
    page.get_by_test_id("password-save").click()
    expect(page.get_by_test_id("user-menu")).to_be_visible()


def test_who_may_not_add_members_is_told_whom_to_ask(page: Page, stand: Stand, tmp_path: Path) -> None:
    stand.api.post("/users", {"username": "vera", "password": "vera-only-looks", "display_name": "Vera"})
    stand.api.post("/projects", {"code": "shop", "name": "Shop"})
    stand.api.put("/projects/shop/members/vera", {"roles": ["viewer"]})
    sign_in(page, "vera", "vera-only-looks")
    page.get_by_test_id("nav-members").click()
    expect(page.get_by_test_id("members")).to_contain_text("given by admin")
    button = page.get_by_test_id("member-new")
    expect(button).to_be_disabled()
    button.locator("xpath=..").hover()
    expect(page.get_by_role("tooltip").filter(has_text="ask admin")).to_be_visible()
    page.screenshot(path=tmp_path / "members.png")


def test_who_is_named_as_executor_consents_and_revokes(page: Page, stand: Stand, tmp_path: Path) -> None:
    stand.api.post("/users", {"username": "nina", "password": "nina-keeps-hosts", "display_name": "Nina"})
    stand.api.post("/projects", {"code": "night", "name": "Night"})
    stand.api.put(f"/projects/night/members/{BOSS}", {"roles": ["owner"]})
    definition = {
        "nodes": [
            {"id": "start", "kind": "start"},
            {"id": "tell", "kind": "notify", "title": "Done", "people": ["nina"]},
            {"id": "end", "kind": "end"},
        ],
        "edges": [{"id": "e1", "source": "start", "target": "tell"}, {"id": "e2", "source": "tell", "target": "end"}],
    }
    flow = publish_flow(stand.api, "night", "Tell the night", definition | {"executor": "nina"})
    sign_in(page, "nina", "nina-keeps-hosts")
    page.get_by_test_id("user-menu").click()
    page.get_by_test_id("user-executors").click()
    requests, consents = page.get_by_test_id("executor-requests"), page.get_by_test_id("executor-consents")
    expect(requests).to_contain_text("no consent")
    page.get_by_test_id("executor-consent").click()
    page.screenshot(path=tmp_path / "consent.png")
    page.get_by_test_id("consent-give").click()
    expect(requests).to_contain_text("consented")
    expect(consents).to_contain_text("Revision 1 alone")
    page.screenshot(path=tmp_path / "in-your-name.png")
    page.get_by_test_id("executor-revoke").click()
    confirm(page)
    expect(consents).to_contain_text("Revoked")
    page.get_by_test_id("user-menu").click()
    page.get_by_test_id("sign-out").click()

    sign_in(page, BOSS, BOSS_PASSWORD)
    page.goto(f"{stand.url}/flows/{flow}")
    page.get_by_test_id("flow-settings").click()
    expect(page.get_by_test_id("flow-executor")).to_have_value("nina")
    page.get_by_test_id("flow-executor").fill("")
    page.get_by_test_id("flow-settings-save").click()
    expect(page.get_by_test_id("flow-executor")).to_be_hidden()
    assert "executor" not in stand.api.get(f"/flows/{flow}/draft")["definition"]
    page.get_by_test_id("nav-members").click()
    page.get_by_test_id("project-executor-name").fill("nina")
    page.get_by_test_id("project-executor-save").click()
    expect(page.get_by_test_id("project-executor")).to_contain_text("no consent")
    page.screenshot(path=tmp_path / "project-executor.png", full_page=True)


def test_a_failed_sign_in_elsewhere_is_told_in_our_own_words(page: Page, stand: Stand) -> None:
    page.goto(f"{stand.url}/sign-in?problem=account_not_linked")
    expect(page.get_by_test_id("sign-in-problem")).to_contain_text("Ask an administrator to link it")
    page.goto(f"{stand.url}/sign-in?problem=<b>anything</b>")
    expect(page.get_by_test_id("sign-in-problem")).to_have_text("The sign-in is not possible now.")
