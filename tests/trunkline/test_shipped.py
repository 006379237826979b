"""What comes with the product is there after the first start, and what people made of it stays."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from gateway.registry.back_ends.registering import StandardRegistration
from gateway.registry.back_ends.standards import StandardSystems
from gateway.registry.importers.service import DocumentSource, ImportOrder
from gateway.registry.managed_systems import ManagedSystems
from gateway.registry.models import Release, Stage, System
from gateway.registry.system_registration import SystemOrder
from kernel.audit.models import AuditRecord
from kernel.db.database import Database
from kernel.principal import system_principal
from kernel.settings import Settings
from marketplace.installs.models import InstallRow
from marketplace.versions.models import PluginVersionRow
from tests.adapters.kinds import one_database
from tests.adapters.plugin_house import FOLDERS
from trunkline.app import prepare
from trunkline.product import Product, Roles
from trunkline.standard_systems import standard_systems

WHO = system_principal("trunkline")


@pytest.fixture
def settings(settings: Settings, database_url: str) -> Settings:
    settings.data_dir.mkdir()
    return settings.model_copy(update={"database_url": database_url})


@pytest.fixture
async def product(settings: Settings) -> AsyncIterator[Product]:
    made = Product(settings, Roles(embedded=True, works=False, hosts_code=True))
    yield made
    await made.kernel.database.close()


async def _all(database: Database, table: Any) -> list[Any]:
    async with database.reading() as session:
        return list((await session.execute(select(table))).scalars())


async def _records(database: Database) -> int:
    async with database.reading() as session:
        return (await session.execute(select(func.count(col(AuditRecord.id))))).scalar_one()


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_the_first_start_puts_everything_there_and_the_second_changes_nothing(product: Product) -> None:
    await prepare(product)
    database = product.kernel.database
    systems = {row.name: row for row in await _all(database, System)}
    assert systems.keys() == {*(system.name for system in product.systems), "hosts"}
    assert (systems["cmdb"].aliases, systems["cmdb"].owner) == (["cc"], "admin")
    stages = {row.system: row for row in await _all(database, Stage)}
    assert (stages["job"].name, stages["job"].release) == ("prod", "1.0.0")
    assert stages["job"].upstream_url == f"{product.settings.public_url}/systems/job"
    assert stages["hosts"].upstream_url == f"{product.settings.public_url}/systems/coded/hosts"
    published = {row.plugin_code for row in await _all(database, PluginVersionRow)}
    assert published == {folder.name for folder in FOLDERS}
    assert await _all(database, InstallRow) == []
    before = await _records(database)
    await prepare(product)
    assert await _records(database) == before


@one_database
async def test_what_an_administrator_made_of_it_stays(product: Product) -> None:
    database = product.kernel.database
    own = {"openapi": "3.1.0", "info": {"title": "Own", "version": "1"}, "paths": {"/x": {"get": {"responses": {}}}}}
    async with database.unit_of_work() as session:
        await product.gateway.prepare(session)
    order = SystemOrder(name="notify", upstream_url=f"{product.settings.public_url}/elsewhere", owner="admin")
    await product.gateway.services.imports.run(database, WHO, ImportOrder(DocumentSource(document=own), order))
    await prepare(product)
    async with database.unit_of_work() as session:
        system = (await session.execute(select(System).where(col(System.name) == "cmdb"))).scalar_one()
        system.aliases, system.title = ["inventory"], "Our inventory"
    await prepare(product)
    systems = {row.name: row for row in await _all(database, System)}
    assert (systems["cmdb"].aliases, systems["cmdb"].title) == (["inventory"], "Our inventory")
    assert [row.version for row in await _all(database, Release) if row.system == "notify"] == ["1.0.0"]
    # What the other system doesn't have can't be called: its plugins are not published, all others are.
    assert "bk_notify" not in {row.plugin_code for row in await _all(database, PluginVersionRow)}
    assert "job_run_script" in {row.plugin_code for row in await _all(database, PluginVersionRow)}


@one_database
async def test_an_upgrade_offers_a_release_that_no_stage_serves(product: Product) -> None:
    database, services = product.kernel.database, product.gateway.services
    async with database.unit_of_work() as session:
        await product.gateway.prepare(session)
    (cmdb,) = (each for each in standard_systems(product.settings.public_url, product.documents) if each.name == "cmdb")
    document = cmdb.document()
    paths = {path: operation for path, operation in document["paths"].items() if path != "/search_host"}
    former = StandardSystems([replace(cmdb, document=lambda: {**document, "paths": paths})])
    registration = StandardRegistration(
        former, ManagedSystems(services.authorizer, services.publisher), services.imports, services.releases
    )
    now = product.gateway.standard_registration
    for registering, outcome in ((registration, "registered"), (now, "released"), (now, "unchanged")):
        done = await registering.register(database, WHO, "cmdb", aliases=["cc"], owner="admin")
        assert done == outcome
    assert sorted(row.version for row in await _all(database, Release)) == ["1.0.0", "1.1.0"]
    (stage,) = await _all(database, Stage)
    assert stage.release == "1.0.0"


@one_database
async def test_a_setting_leaves_everything_to_people(settings: Settings) -> None:
    product = Product(settings.model_copy(update={"register_embedded": False}), Roles(embedded=True, works=False))
    await prepare(product)
    assert await _all(product.kernel.database, System) == []
    await product.kernel.database.close()
