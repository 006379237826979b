from collections.abc import AsyncIterator

import pytest

from kernel.services import KernelServices
from tests.support.orchestrator import OrchestratorHouse, build_house


@pytest.fixture
async def house(kernel: KernelServices) -> AsyncIterator[OrchestratorHouse]:
    built = build_house(kernel)
    async with built.client:
        yield built
