"""Builds the embedded inventory."""

from adapters.cmdb.service.attributes.endpoints import register_attributes
from adapters.cmdb.service.attributes.repository import AttributeRepository
from adapters.cmdb.service.attributes.service import AttributeService
from adapters.cmdb.service.changes import InventoryChanges
from adapters.cmdb.service.cloud_areas.endpoints import register_cloud_areas
from adapters.cmdb.service.cloud_areas.service import CloudAreaService
from adapters.cmdb.service.endpoints import register_components
from adapters.cmdb.service.errors import CODES
from adapters.cmdb.service.history.endpoints import register_history
from adapters.cmdb.service.history.service import HistoryService
from adapters.cmdb.service.models import CmdbIdempotency
from adapters.cmdb.service.removals import InventoryRemovals
from adapters.cmdb.service.repository import InventoryRepository
from adapters.cmdb.service.scopes import READ, WRITE
from adapters.cmdb.service.service import InventoryService
from adapters.cmdb.service.topology.endpoints import register_topology
from adapters.cmdb.service.topology.service import TopologyService
from adapters.cmdb.service.transfers import HostTransfers
from kernel.contracts.system_keys import SystemKeys
from kernel.db.idempotency import IdempotencyLedger
from kernel.http.component_app import ComponentApp, EmbeddedSystem
from kernel.http.component_document import SystemFacts, Words
from kernel.http.nonces import DatabaseNonces, NonceStore
from kernel.http.signature_check import SignatureCheck
from kernel.services import KernelServices

FACTS = SystemFacts(
    name="cmdb",
    aliases=("cc",),
    title=Words("Inventory", "配置管理"),
    description=Words(
        "Businesses, sets, modules and hosts: what there is and where it stands.",
        "业务、集群、模块与主机：有什么、在哪里。",
    ),
    version="1.0.0",
    scopes={
        READ: Words("Search the inventory", "查询配置信息"),
        WRITE: Words("Change the inventory and move hosts", "修改配置信息、转移主机"),
    },
)


def build_app(kernel: KernelServices, keys: SystemKeys, nonces: NonceStore | None = None) -> EmbeddedSystem:
    """The inventory, ready to be mounted at `/systems/cmdb`.

    Args:
        keys: the keys with which the gateway signs.
        nonces: where nonces are remembered; the database when not given.
    """
    repository, attributes = InventoryRepository(), AttributeRepository()
    app = ComponentApp(FACTS, kernel.database, IdempotencyLedger(CmdbIdempotency, kernel.clock), CODES)
    register_components(
        app,
        InventoryService(repository, attributes),
        InventoryChanges(repository, attributes, kernel.clock),
        InventoryRemovals(repository, attributes),
        HostTransfers(repository),
    )
    register_topology(app, TopologyService(repository, attributes))
    register_attributes(app, AttributeService(repository, attributes, kernel.clock))
    register_cloud_areas(app, CloudAreaService(repository, kernel.clock))
    register_history(app, HistoryService(repository))
    remembered = nonces or DatabaseNonces(kernel.database, kernel.clock)
    check = SignatureCheck(FACTS.name, keys, remembered, kernel.clock)
    return app.build(check, max_body_bytes=kernel.settings.max_body_bytes)
