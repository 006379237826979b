"""The management half of the gateway, running, on each database."""

from collections.abc import AsyncIterator

import pytest

from kernel.clock import ManualClock
from kernel.services import KernelServices
from kernel.settings import Settings
from tests.support.management import Management, managing


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"allowed_upstream_origins": ("http://127.0.0.1:9099",)})


@pytest.fixture
async def management(kernel: KernelServices, clock: ManualClock) -> AsyncIterator[Management]:
    async with managing(kernel, clock) as running:
        yield running
