import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kernel.clock import ManualClock
from kernel.db.database import Database
from kernel.secrets import SecretBox
from kernel.services import KernelServices
from kernel.settings import Settings
from tests.support.marketplace import MarketplaceHouse, build_house
from tests.support.packages import FIND_HOST, RUN_SCRIPT
from tests.support.scripted_gateway import ScriptedGateway


@pytest.fixture
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    """Running plugins touches the database in one query, which the installs' tests try on both kinds."""
    path = tmp_path / "trunkline.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture
async def gateway() -> AsyncIterator[ScriptedGateway]:
    server = ScriptedGateway()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def house(
    settings: Settings, database: Database, clock: ManualClock, gateway: ScriptedGateway
) -> AsyncIterator[MarketplaceHouse]:
    """With both plugins published and installed."""
    aimed = settings.model_copy(update={"gateway_url": gateway.url})
    built = build_house(KernelServices(aimed, database, SecretBox("11" * 32), clock))
    for manifest, scopes in ((FIND_HOST, ["cmdb:read"]), (RUN_SCRIPT, ["job:execute", "job:read"])):
        assert (await built.publish(manifest)).status_code == 201
        assert (await built.install(str(manifest["code"]), scopes)).status_code == 201
    yield built
    await built.close()
