from collections.abc import Iterator
from pathlib import Path

import pytest

from marketplace.legacy_forms.sandbox.pool import Sandbox

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox(size=1, seconds=10)
    yield made
    made.close()


@pytest.fixture(scope="session")
def strict_sandbox() -> Iterator[Sandbox]:
    """Impatient, since what it is given never ends."""
    made = Sandbox(size=1, seconds=0.3)
    yield made
    made.close()
