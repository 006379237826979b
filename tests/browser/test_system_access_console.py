"""Who looks after a system and decides on its grants, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.console import confirm, hover_until, open_tab, sign_in
from tests.support.stand import Stand

OWNER, HELPER = "olga", "hugo"


@pytest.fixture(scope="module", autouse=True)
def _people(stand: Stand) -> None:
    """The owner of the notification system, and somebody without any right."""
    for name in (OWNER, HELPER):
        stand.api.post("/users", {"username": name, "password": f"password of {name}"})
    stand.api.put("/roles?resource=system:notify", {"username": OWNER, "roles": ["owner"]})


@pytest.fixture
def access(page: Page, stand: Stand) -> Page:
    """The owner at the access tab of the system."""
    sign_in(page, OWNER, f"password of {OWNER}")
    page.goto(f"{stand.url}/registry/notify")
    open_tab(page, "Access")
    return page


def test_an_owner_lays_down_the_terms_of_grants(access: Page, stand: Stand) -> None:
    access.get_by_test_id("rules-terms").fill("0, 90")
    access.get_by_test_id("rules-save").click()
    expect(access.get_by_text("is below 1")).to_be_visible()
    access.get_by_test_id("rules-terms").fill("30, 90")
    access.get_by_test_id("rules-endless").click()
    access.get_by_test_id("rules-reminders").fill("14")
    access.get_by_test_id("rules-save").click()
    expect(access.get_by_text("The rules hold from now on.")).to_be_visible()
    rules = stand.api.get("/systems/notify/grant-rules")
    assert (rules["terms"], rules["reminder_days"], rules["self_approval"]) == ([30, 90], [14], False)


def test_an_owner_names_a_deputy_for_a_time_and_dismisses_him(access: Page, stand: Stand) -> None:
    panel = access.get_by_test_id("deputies")
    access.get_by_test_id("deputy-username").fill(HELPER)
    for place, day in (("From", "2020-01-01 08:00:00"), ("To", "2020-02-01 08:00:00")):
        panel.get_by_placeholder(place, exact=True).fill(day)
        panel.get_by_placeholder(place, exact=True).press("Enter")
    access.get_by_test_id("deputy-name").click()
    expect(panel).to_contain_text("in the past")
    panel.get_by_placeholder("To", exact=True).fill("2199-02-01 08:00:00")
    panel.get_by_placeholder("To", exact=True).press("Enter")
    access.get_by_test_id("deputy-name").click()
    expect(panel).to_contain_text(f"named by {OWNER}")
    access.get_by_test_id(f"dismiss-{HELPER}").click()
    expect(panel).to_contain_text("There are no deputies.")
    assert stand.api.get("/systems/notify/deputies")["items"] == []


def test_an_owner_has_a_ticket_system_told(access: Page, stand: Stand) -> None:
    access.get_by_test_id("webhook-url").fill("http://169.254.169.254/hook")
    access.get_by_test_id("webhook-add").click()
    expect(access.get_by_test_id("problem")).to_contain_text("169.254.169.254")
    access.get_by_test_id("webhook-url").fill(f"{stand.url}/hook")
    access.get_by_test_id("webhook-add").click()
    secret = access.get_by_test_id("secret")
    first = secret.inner_text()
    access.get_by_test_id("webhook-rotate").click()
    confirm(access)
    expect(secret).not_to_have_text(first)
    access.get_by_test_id("webhook-switch").click()
    access.get_by_test_id("webhook-deliveries").click()
    expect(access.get_by_text("Nothing was sent")).to_be_visible()
    access.keyboard.press("Escape")
    (webhook,) = stand.api.get("/ticket-webhooks", system="notify")["items"]
    assert webhook["enabled"] is False
    access.get_by_test_id("webhook-remove").click()
    confirm(access)
    expect(access.get_by_test_id("webhooks")).to_contain_text("None is told.")


def test_an_owner_makes_somebody_maintainer_of_the_system_who_then_may_change_it(access: Page, stand: Stand) -> None:
    access.get_by_test_id("roles-new").click()
    access.get_by_test_id("roles-username").fill(HELPER)
    access.get_by_test_id("role-maintainer").click()
    access.get_by_test_id("roles-save").click()
    expect(access.get_by_test_id("person-roles").filter(has_text=HELPER)).to_contain_text(f"given by {OWNER}")
    access.get_by_test_id("user-menu").click()
    access.get_by_test_id("sign-out").click()
    sign_in(access, HELPER, f"password of {HELPER}")
    access.goto(f"{stand.url}/registry/notify/stages")
    expect(access.get_by_test_id("stage-activate")).to_be_enabled()
    access.goto(f"{stand.url}/registry/cmdb/stages")
    button = access.get_by_test_id("stage-activate")
    expect(button).to_be_disabled()
    hover_until(button.locator("xpath=.."), access.get_by_role("tooltip").filter(has_text="ask admin"))
    access.get_by_test_id("language-zh").click()
    hover_until(button.locator("xpath=.."), access.get_by_role("tooltip").filter(has_text="请联系 admin"))
