"""Searches and publications on a large catalogue, through the services that answer the API."""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.support.catalogue import VERSIONS, Words, fill, manifest
from kernel.clock import SystemClock
from kernel.db.database import Database
from kernel.db.pages import PageRequest
from kernel.principal import Principal, PrincipalKind
from marketplace.catalogue.service import CatalogueService, Wish
from marketplace.package.archive import write_archive
from marketplace.package.package import read_package
from marketplace.search.query import Sort
from marketplace.versions.examination import Examination
from marketplace.versions.manifests import ManifestCache
from marketplace.versions.service import PublishService
from tests.support.contracts import RuleAuthorizer
from tests.support.marketplace import ListedComponents
from tests.support.packages import files_of
from tests.support.postgres import PostgresServer
from trunkline.migrate import migrate

_ADMIN = Principal(PrincipalKind.USER, "admin", is_admin=True)
_PAGE = PageRequest(limit=60)
_MILLISECONDS = 1000


@dataclass(frozen=True, slots=True)
class CatalogueFigures:
    """Milliseconds that 19 of 20 searches, and counts of properties, take at most; versions published in a second, and
    in a second of this process's CPU, which on SQLite is all there is.
    """

    search: float
    facets: float
    published: float
    published_by_cpu: float


def measure(plugins: int, searches: int, publications: int) -> dict[str, CatalogueFigures]:
    """By database."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'catalogue.db'}"
        figures = {"SQLite": asyncio.run(_on(url, plugins, searches, publications))}
    with _postgres() as url:
        figures["PostgreSQL"] = asyncio.run(_on(url, plugins, searches, publications))
    return figures


@contextmanager
def _postgres() -> Iterator[str]:
    server = PostgresServer.start()
    try:
        yield server.url(server.create_database())
    finally:
        server.stop()


async def _on(url: str, plugins: int, searches: int, publications: int) -> CatalogueFigures:
    database = Database(url)
    try:
        await migrate(database)
        await fill(database, plugins)
        chance = random.Random(20260102)
        wishes = [_wish(chance) for _ in range(searches)]
        catalogue = CatalogueService()
        search, facets = [], []
        for wish in wishes:
            async with database.reading() as session:
                started = time.perf_counter()
                await catalogue.search(session, wish, _PAGE)
                search.append(time.perf_counter() - started)
            async with database.reading() as session:
                started = time.perf_counter()
                await catalogue.facets(session, wish)
                facets.append(time.perf_counter() - started)
        published, by_cpu = await _publish(database, plugins, publications)
        return CatalogueFigures(_p95(search), _p95(facets), published, by_cpu)
    finally:
        await database.close()


def _wish(chance: random.Random) -> Wish:
    """As people look: often one word or its beginning, sometimes two, sometimes narrowed, sometimes nothing at all."""
    words = Words()
    english, other, chinese = (chance.choice(each) for each in (words.english, words.english, words.chinese))
    text = chance.choice((english, english[:3], f"{english} {other}", chinese, ""))
    narrowed: dict[str, str] = chance.choice(({}, {}, {"tag": "network"}, {"system": "cmdb", "kind": "component"}))
    return Wish(text, narrowed, compatible=chance.random() < 0.5, sort=chance.choice((Sort.RELEVANCE, Sort.INSTALLS)))


async def _publish(database: Database, plugins: int, publications: int) -> tuple[float, float]:
    """New plugins and new versions of them, with every check, one after the other."""
    manifests = ManifestCache()
    examination = Examination(ListedComponents(), manifests, frozenset(), "growth")
    publishing = PublishService(RuleAuthorizer(), examination, manifests, SystemClock())
    archives = [
        write_archive(files_of(manifest(number, version, random.Random(number))))
        for number in range(plugins, plugins + publications // len(VERSIONS))
        for version in VERSIONS
    ]
    started, used = time.perf_counter(), time.process_time()
    for archive in archives:
        package = read_package(archive)
        async with database.unit_of_work() as session:
            await publishing.publish(session, _ADMIN, package)
    return len(archives) / (time.perf_counter() - started), len(archives) / (time.process_time() - used)


def _p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1] * _MILLISECONDS
