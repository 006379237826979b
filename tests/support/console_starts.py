"""What starts tasks by itself, as it is made and changed in the console."""

from playwright.sync_api import Locator, Page, expect

from tests.support.console import choose
from tests.support.stand import Stand


def changed_by_another(page: Page, stand: Stand, row: Locator) -> None:
    """While the dialog is open: what is saved there overwrites nothing, and the list shows what is."""
    row.get_by_test_id("schedule-change").click()
    kept = stand.api.get("/projects/kinds/schedules")["items"][0]
    change = {name: kept[name] for name in ("name", "time_zone", "version")} | {"cron": "5 3 * * *"}
    stand.api.put(f"/schedules/{kept['id']}", change)
    page.get_by_test_id("schedule-save").click()
    expect(page.get_by_text("It is at version 2, changed by admin")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(row).to_contain_text("5 3 * * *")


def started_by_itself(page: Page, stand: Stand, shared: str) -> None:
    """By a schedule, a trigger and an app of the project that it is shared with."""
    page.goto(f"{stand.url}/schedules")
    page.get_by_test_id("schedule-new").click()
    choose(page, "schedule-flow", shared)
    page.get_by_test_id("schedule-name").fill("Nightly elsewhere")
    page.get_by_test_id("schedule-save").click()
    expect(page.get_by_test_id("schedules").get_by_test_id("common-flow")).to_have_text(shared)
    page.goto(f"{stand.url}/triggers")
    page.get_by_test_id("trigger-new").click()
    choose(page, "trigger-flow", shared)
    page.get_by_test_id("trigger-kind").get_by_text("An address is called").click()
    page.get_by_test_id("trigger-name").fill("Alarms elsewhere")
    page.get_by_test_id("trigger-save").click()
    expect(page.get_by_test_id("triggers").get_by_test_id("common-flow")).to_have_text(shared)
    page.goto(f"{stand.url}/mini-apps")
    page.get_by_test_id("app-new").click()
    choose(page, "app-flow", shared)
    page.get_by_test_id("app-code").fill("given-away")
    page.get_by_test_id("app-name").fill("Sums elsewhere")
    page.get_by_test_id("app-save").click()
    expect(page.get_by_test_id("mini-apps")).to_contain_text("/apps/given-away")
