from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from kernel.clock import SystemClock
from kernel.services import KernelServices
from tests.support.orchestrator import PROJECT, OrchestratorHouse, build_house
from tests.support.scripted_plugins import scripted_plugins


@pytest.fixture
async def house(kernel: KernelServices) -> AsyncIterator[OrchestratorHouse]:
    """The orchestrator at rest: tasks are made, nobody runs them."""
    built = build_house(kernel)
    async with built.client:
        yield built


@pytest.fixture
async def running_house(kernel: KernelServices) -> AsyncIterator[OrchestratorHouse]:
    """The orchestrator at work, with scripted plugins installed in the project."""
    built = build_house(replace(kernel, clock=SystemClock()))
    built.plugins.by_project[PROJECT.id] = scripted_plugins()
    await built.unit.start()
    async with built.client:
        yield built
    await built.unit.stop()
