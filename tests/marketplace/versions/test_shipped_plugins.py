"""The plugins that come with the product, through the same door as any other, beside the systems' own documents."""

from pathlib import Path
from typing import cast

from adapters.cmdb.service.app import build_app as build_cmdb
from adapters.cmdb.service.hosts import InventoryHosts
from adapters.job.service.app import build_app as build_job
from adapters.notify.service.app import build_notify
from adapters.tools.service.app import build_app as build_tools
from gateway.coded.host import CodedHost
from gateway.coded.invoking import GatewayRoutes
from gateway.coded.shipped import SHIPPED
from gateway.identity.business.directory import BoundBusinesses
from gateway.registry.importers.openapi import import_openapi
from kernel.contracts.components import ComponentDescription
from kernel.services import KernelServices
from marketplace.authoring.folder import open_package
from orchestrator.sops.app import Surroundings
from tests.orchestrator.sops.conftest import Businesses
from tests.support.contracts import ListedProfiles
from tests.support.marketplace import PROJECT, MarketplaceHouse
from tests.support.orchestrator import build_house as build_orchestrator

FOLDERS = sorted(Path(__file__).parents[3].glob("adapters/*/plugins/*"))


class _NoKeys:
    async def verification_keys(self, system: str) -> dict[str, bytes]:
        return {}


def _registered(kernel: KernelServices) -> list[ComponentDescription]:
    systems = (
        build_cmdb(kernel, _NoKeys()),
        build_job(kernel, _NoKeys(), InventoryHosts()),
        build_notify(kernel, _NoKeys()).embedded,
        build_tools(kernel, _NoKeys()),
        build_orchestrator(kernel).unit.sops(Surroundings(_NoKeys(), ListedProfiles(), Businesses())),
        *CodedHost(kernel, _NoKeys(), cast("GatewayRoutes", None), BoundBusinesses(), SHIPPED).systems,
    )
    return [
        ComponentDescription(
            system.name, found.name, found.method, found.path, found.scopes, found.is_read, found.body_schema
        )
        for system in systems
        for found in import_openapi(system.document(), system.name).components
    ]


async def test_every_shipped_plugin_is_published_and_installed(house: MarketplaceHouse, kernel: KernelServices) -> None:
    house.components.components[:] = _registered(kernel)
    assert len(FOLDERS) >= 7
    for folder in FOLDERS:
        package = open_package(folder)
        assert package.manifest.publisher == "trunkline"
        published = await house.upload(package.archive)
        assert published.status_code == 201, published.text
        scopes = sorted(package.manifest.scope_names())
        made = await house.install(package.manifest.code, scopes, package.manifest.version)
        assert made.status_code == 201, made.text
    async with house.database.reading() as session:
        installed = await house.unit.plugin_directory.installed(session, PROJECT.id)
    assert [each.code for each in installed] == [folder.name for folder in FOLDERS]
