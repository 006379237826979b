"""The app that publishes `bk-shop`."""

import pytest

from tests.support.management import Management
from tests.support.registration import SYNC, App


@pytest.fixture
async def shop(management: Management) -> App:
    """A related app of the gateway `bk-shop`, which it made."""
    app = App(management, "bk-shop", await management.app_with_secret("bk-shop"))
    assert (await app.data(f"{SYNC}/", {"description": "A shop", "maintainers": ["admin", "nobody"]}))[
        "name"
    ] == "bk-shop"
    return app
