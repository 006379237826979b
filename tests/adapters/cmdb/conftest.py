from dataclasses import dataclass

import pytest

from adapters.cmdb.service.app import build_app
from kernel.services import KernelServices
from tests.adapters.gateway import Gateway, OneKey


@dataclass(frozen=True, slots=True)
class Shop:
    """A business with one set of two modules, four idle hosts, and one host in the resource pool."""

    gateway: Gateway
    business: int
    set_id: int
    web: int
    database: int
    hosts: list[int]
    pool: int


@pytest.fixture
def gateway(kernel: KernelServices) -> Gateway:
    return Gateway(build_app(kernel, OneKey()), kernel.clock)


@pytest.fixture
async def shop(gateway: Gateway) -> Shop:
    made = await gateway.data("create_business", {"data": {"bk_biz_name": "shop", "operator": "ada"}})
    business = made["bk_biz_id"]
    inside = await gateway.data("create_set", {"bk_biz_id": business, "data": {"bk_set_name": "east"}})
    place = {"bk_biz_id": business, "bk_set_id": inside["bk_set_id"]}
    web = await gateway.data("create_module", {**place, "data": {"bk_module_name": "web"}})
    database = await gateway.data("create_module", {**place, "data": {"bk_module_name": "database"}})
    machines = [
        {"bk_host_innerip": "10.0.0.1", "bk_host_name": "web-1", "bk_os_type": "1", "bk_mem": 1024, "operator": "ada"},
        {"bk_host_innerip": "10.0.0.2", "bk_host_name": "web-2", "bk_os_type": "2", "bk_mem": 2048},
        {"bk_host_innerip": "10.0.0.3", "bk_host_name": "Web-3", "bk_os_type": None, "bk_mem": None},
        {"bk_host_innerip": "10.0.0.4", "bk_host_name": "50%_off", "bk_os_type": "1", "bk_mem": 4096},
    ]
    added = await gateway.data("add_host_to_business_idle", {"bk_biz_id": business, "bk_host_list": machines})
    pool = await gateway.data("add_host_to_resource", {"host_info": {"0": {"bk_host_innerip": "10.9.9.9"}}})
    return Shop(
        gateway,
        business,
        inside["bk_set_id"],
        web["bk_module_id"],
        database["bk_module_id"],
        added["bk_host_ids"],
        pool["bk_host_ids"][0],
    )
