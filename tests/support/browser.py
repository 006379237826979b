"""Chromium for tests: the system's, or Playwright's own."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, expect, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_PATIENCE_MILLISECONDS = 30_000
"""What a page is to show may take that long; on a busy machine the five seconds that are usual are too few."""

expect.set_options(timeout=_PATIENCE_MILLISECONDS)


@contextmanager
def open_browser() -> Iterator[Browser]:
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(_FLAGS))
        yield browser
        browser.close()


@contextmanager
def open_page(browser: Browser, url: str, locale: str = "en-GB") -> Iterator[Page]:
    """A browser session of its own at an address; no script on its pages may have failed when it ends."""
    # What moves is drawn frame by frame, and nobody sees it.
    context = browser.new_context(viewport={"width": 1360, "height": 900}, locale=locale, reduced_motion="reduce")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url)
    yield page
    context.close()
    assert errors == []
