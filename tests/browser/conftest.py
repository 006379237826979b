"""A browser for the tests of this folder, and a new session in it for each."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.support.browser import open_browser, open_page
from tests.support.stand import Stand


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser, stand: Stand) -> Iterator[Page]:
    """The console before anybody signed in; the test fails when the page logged an error."""
    with open_page(browser, stand.url) as opened:
        yield opened
