from collections.abc import AsyncIterator

import pytest

from kernel.services import KernelServices
from tests.support.orchestrator import OrchestratorHouse, build_house, working_house


@pytest.fixture
async def house(kernel: KernelServices) -> AsyncIterator[OrchestratorHouse]:
    """The orchestrator at rest: tasks are made, nobody runs them."""
    built = build_house(kernel)
    async with built.client:
        yield built


@pytest.fixture
async def running_house(kernel: KernelServices) -> AsyncIterator[OrchestratorHouse]:
    """The orchestrator at work, with scripted plugins installed in the project."""
    async with working_house(kernel) as built:
        yield built
