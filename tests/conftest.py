"""Fixtures every test may use: a migrated database of each kind, a clock, settings."""

import asyncio
import gc
import itertools
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest
from pydantic import SecretStr
from xdist.remote import Producer
from xdist.scheduler import Scheduling

from gateway.identity.users import passwords
from kernel.clock import ManualClock
from kernel.db.database import Database
from kernel.secrets import SecretBox
from kernel.services import KernelServices
from kernel.settings import Settings
from tests.support.distribution import OneBrowser
from tests.support.memory import in_memory
from tests.support.passwords import CHEAP_HASHER
from tests.support.patience import PATIENCE_SECONDS, share_patience
from tests.support.postgres import PostgresServer
from tests.support.postgres_lending import DatabaseLender
from tests.support.statements import share_compiled_statements
from tests.support.trust import share_trust
from trunkline.migrate import migrate

pytest_plugins = ["tests.support.stand"]

share_compiled_statements()
share_trust()
share_patience()

_LONG = frozenset({"browser", "contract", "durability", "functional", "fuzz", "trunkline"})
"""Folders whose files take longest: begun last, one of them would keep all other processes waiting."""
_TESTS_BETWEEN_COLLECTIONS = 20
_TESTS_BETWEEN_WHOLE_COLLECTIONS = 600
_HERE = Path(__file__).parent
_ROOM_GIB = 6
_ended = itertools.count(1)

hypothesis.settings.register_profile("searching", deadline=None)  # a busy machine is no failure
hypothesis.settings.register_profile("steady", hypothesis.settings.get_profile("searching"), derandomize=True)


def pytest_configure(config: pytest.Config) -> None:
    """Property tests try the same examples in every run; `scripts/test --deep` tries others each time. Temporary
    folders are made in memory.
    """
    gc.set_threshold(50_000, 20, 1000)  # before the tests are collected, which makes millions of objects that stay
    hypothesis.settings.load_profile("steady" if config.option.markexpr == "not deep" else "searching")
    if (memory := in_memory(_ROOM_GIB)) is not None:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.relative_to(_HERE).parts[0] not in _LONG)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    return OneBrowser(config, log)


@pytest.fixture(scope="session", autouse=True)
def _rare_collections() -> Iterator[None]:
    """Garbage is collected after some tests, in `_collected`, and hardly ever within one: a collection walks through
    everything that a test run keeps. What was loaded to collect the tests is taken out of the collector's sight. A
    configuration that a test loads is not: that holds for a server, not for thousands of tests in one process.
    """
    gc.collect()
    gc.freeze()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gc, "freeze", lambda: None)
        yield


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    """What a test left is young: to walk through all that the run keeps took a third of its time."""
    yield
    ended = next(_ended)
    if ended % _TESTS_BETWEEN_WHOLE_COLLECTIONS == 0:
        gc.collect()
    elif ended % _TESTS_BETWEEN_COLLECTIONS == 0:
        gc.collect(1)


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "PasswordHasher", CHEAP_HASHER)
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file; each test copies it, which is faster than migrating."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"

    async def build() -> None:
        database = Database(f"sqlite+aiosqlite:///{path}")
        await migrate(database)
        await database.close()

    asyncio.run(build())
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A real PostgreSQL server with a migrated template database."""
    server = PostgresServer.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_databases(postgres_server: PostgresServer) -> Iterator[DatabaseLender]:
    lender = DatabaseLender(postgres_server)
    yield lender
    lender.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh migrated database, once on each kind."""
    if request.param == "sqlite":
        path = tmp_path / "trunkline.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite+aiosqlite:///{path}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    lender: DatabaseLender = request.getfixturevalue("postgres_databases")
    with lender.lend() as name:
        yield server.local_url(name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()
    # A connection whose query was broken off is closed in the background: the loop must not end before that.
    if pending := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(pending, timeout=PATIENCE_SECONDS)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))


@pytest.fixture(scope="session")
def usual_settings() -> Settings:
    """What each test copies: to look for every setting in the environment takes longer than many a test."""
    return Settings(secret_key=SecretStr("11" * 32), admin_password=SecretStr("admin-password"))


@pytest.fixture
def settings(usual_settings: Settings, tmp_path: Path) -> Settings:
    return usual_settings.model_copy(update={"data_dir": tmp_path / "data"})


@pytest.fixture
def kernel(settings: Settings, database: Database, clock: ManualClock) -> KernelServices:
    return KernelServices(settings, database, SecretBox(settings.secret_key.get_secret_value()), clock)
