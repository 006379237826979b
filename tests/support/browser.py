"""Chromium for tests: the system's, or Playwright's own."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

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


@dataclass(slots=True)
class Pages:
    """Of one browser. A page that was left is taken again: the process behind it knows the console's scripts, and a new
    one takes four times as long to show them.
    """

    browser: Browser
    _left: list[Page] = field(default_factory=list)

    @contextmanager
    def open(self, url: str) -> Iterator[Page]:
        """A page at an address, where nobody is signed in and nothing is kept; no script on it may have failed when it
        ends.
        """
        page = self._left.pop() if self._left else self._new()
        errors: list[str] = []

        def note(error: Error) -> None:
            errors.append(str(error))

        page.on("pageerror", note)
        page.goto(url)
        yield page
        page.remove_listener("pageerror", note)
        self._leave(page, url)
        assert errors == []

    def _new(self) -> Page:
        # What moves is drawn frame by frame, and nobody sees it.
        context = self.browser.new_context(
            viewport={"width": 1360, "height": 900}, locale="en-GB", reduced_motion="reduce"
        )
        return context.new_page()

    def _leave(self, page: Page, url: str) -> None:
        for other in page.context.pages:
            if other != page:
                other.close()
        page.goto("about:blank")
        page.mouse.move(0, 0)
        page.context.clear_cookies()
        storage = page.context.new_cdp_session(page)
        storage.send("Storage.clearDataForOrigin", {"origin": url, "storageTypes": "all"})
        storage.detach()
        self._left.append(page)
