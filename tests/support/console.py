"""What people do on every page of the console."""

from playwright.sync_api import Page, expect


def try_to_sign_in(page: Page, username: str, password: str) -> None:
    page.get_by_test_id("sign-in-username").fill(username)
    page.get_by_test_id("sign-in-password").fill(password)
    page.get_by_test_id("sign-in-submit").click()


def sign_in(page: Page, username: str, password: str) -> None:
    try_to_sign_in(page, username, password)
    expect(page.get_by_test_id("sign-in-submit")).to_have_count(0)


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def choose(page: Page, field: str, *options: str) -> None:
    """Picks from a list that opens below its field; a list of several stays open until Escape."""
    page.get_by_test_id(field).click()
    for option in options:
        page.get_by_role("option", name=option, exact=True).click()


def confirm(page: Page) -> None:
    """Says yes to a question about something that can't be taken back."""
    page.locator(".el-message-box__btns .el-button--danger").click()
