from pathlib import Path

import pytest

from kernel.db.database import Database
from tests.support.cancelling import House, Plugins


@pytest.fixture
def plugins() -> Plugins:
    return Plugins()


@pytest.fixture
def house(database: Database, plugins: Plugins, tmp_path: Path) -> House:
    return House(database, plugins, tmp_path)
