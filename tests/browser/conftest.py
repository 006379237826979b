"""A browser for the tests of this folder, and a page of its own for each."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.support.browser import Pages, open_browser
from tests.support.stand import Stand


@pytest.fixture(scope="package")
def pages() -> Iterator[Pages]:
    with open_browser() as browser:
        yield Pages(browser)


@pytest.fixture
def page(pages: Pages, stand: Stand) -> Iterator[Page]:
    """The console before anybody signed in; the test fails when the page logged an error."""
    with pages.open(stand.url) as opened:
        yield opened
