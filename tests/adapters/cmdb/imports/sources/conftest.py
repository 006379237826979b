from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from adapters.cmdb.service.attributes.repository import AttributeRepository
from adapters.cmdb.service.change_log import ChangeLog
from adapters.cmdb.service.events.bell import Bell
from adapters.cmdb.service.imports.sources.running import SourceRunner
from adapters.cmdb.service.imports.unit import build_imports
from adapters.cmdb.service.repository import InventoryRepository
from kernel.http.component_app import ComponentApp
from kernel.services import KernelServices
from kernel.settings import Settings
from tests.adapters.cmdb.conftest import Shop
from tests.support.netbox import NetBox, serving_netbox


@pytest.fixture(scope="module")
def running_netbox() -> Iterator[NetBox]:
    with serving_netbox() as netbox:
        yield netbox


@pytest.fixture
def netbox(running_netbox: NetBox) -> NetBox:
    running_netbox.devices, running_netbox.machines, running_netbox.queries = [], [], []
    running_netbox.redirects, running_netbox.broken_after = False, None
    return running_netbox


@pytest.fixture
def settings(settings: Settings, netbox: NetBox) -> Settings:
    return settings.model_copy(update={"allowed_upstream_origins": (netbox.url,), "job_networks": ("127.0.0.0/8",)})


class _Unserved(ComponentApp):
    """Takes components and serves none."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def read(self, name: str, *_: Any, **__: Any) -> None:
        self.names.append(name)

    change = own = read


@pytest.fixture
def runner(kernel: KernelServices) -> SourceRunner:
    """What runs sources in the background, turn by turn."""
    attributes = AttributeRepository()
    log = ChangeLog(attributes, kernel.clock, Bell())
    return build_imports(_Unserved(), kernel, InventoryRepository(), attributes, log)


@dataclass(frozen=True, slots=True)
class Synced:
    """A shop and what runs its import sources."""

    shop: Shop
    runner: SourceRunner

    async def run(self, source_id: str) -> dict[str, Any]:
        """Runs a source at once; answers its run."""
        await self.shop.gateway.data("run_import_source", {"id": source_id})
        assert await self.runner.run_due() is True
        runs = await self.shop.gateway.data("list_import_runs", {"source_id": source_id, "limit": 1})
        run: dict[str, Any] = runs["info"][0]
        assert run["state"] != "running"
        return run

    async def hosts(self, business: int | None = None) -> dict[str, dict[str, Any]]:
        asked = {"bk_biz_id": business or self.shop.business, "page": {"start": 0, "limit": 500}}
        listed = await self.shop.gateway.data("list_biz_hosts", asked)
        return {each["bk_host_innerip"]: each for each in listed["info"]}


@pytest.fixture
def synced(shop: Shop, runner: SourceRunner) -> Synced:
    return Synced(shop, runner)
