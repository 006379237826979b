"""What people do on every page of the console."""

from contextlib import suppress

from playwright.sync_api import Locator, Page, expect


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
        _pick(page.get_by_role("option", name=option, exact=True))


def _pick(option: Locator) -> None:
    """A list that is still unfolding takes the first click for nothing."""
    waiting = option.and_(option.page.locator("[aria-selected=false]"))
    for _ in range(10):
        option.click()
        with suppress(AssertionError):
            expect(waiting).to_be_hidden(timeout=2_000)
            return
    raise AssertionError(f"{option} is not picked")


def confirm(page: Page) -> None:
    """Says yes to a question about something that can't be taken back."""
    page.locator(".el-message-box__btns .el-button--danger").click()


def hover_until(target: Locator, shown: Locator) -> None:
    """Points at something until a word on it appears; a page that is still growing slides away below the pointer."""
    for _ in range(10):
        target.hover()
        with suppress(AssertionError):
            expect(shown).to_be_visible(timeout=3_000)
            return
        target.page.mouse.move(0, 0)
    raise AssertionError(f"{shown} does not appear")
