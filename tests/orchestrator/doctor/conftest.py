import pytest

from kernel.db.database import Database
from tests.support.cancelling import Plugins
from tests.support.ward import Ward


@pytest.fixture
def ward(database: Database) -> Ward:
    return Ward(database)


@pytest.fixture
def plugins() -> Plugins:
    return Plugins()
