from collections.abc import AsyncIterator

import pytest

from kernel.services import KernelServices
from tests.support.marketplace import MarketplaceHouse, build_house


@pytest.fixture
async def house(kernel: KernelServices) -> AsyncIterator[MarketplaceHouse]:
    built = build_house(kernel)
    yield built
    await built.close()
