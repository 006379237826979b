"""The app that publishes `bk-shop`."""

import pytest

from tests.support.management import Management
from tests.support.registration import SYNC, App


@pytest.fixture
async def shop(management: Management) -> App:
    """A related app of the gateway `bk-shop`, which it made."""

    async def make() -> str:
        secret = await management.app_with_secret("bk-shop")
        body = {"description": "A shop", "maintainers": ["admin", "nobody"]}
        assert (await App(management, "bk-shop", secret).data(f"{SYNC}/", body))["name"] == "bk-shop"
        return secret

    return App(management, "bk-shop", await management.reached("bk-shop", make))
