"""Builds the embedded inventory."""

from adapters.cmdb.service.attributes.endpoints import register_attributes
from adapters.cmdb.service.attributes.references import ReferenceGuard
from adapters.cmdb.service.attributes.repository import AttributeRepository
from adapters.cmdb.service.attributes.service import AttributeService
from adapters.cmdb.service.background import Background
from adapters.cmdb.service.bulk.endpoints import register_bulk
from adapters.cmdb.service.bulk.replacement import HostReplacement
from adapters.cmdb.service.bulk.service import BulkChanges
from adapters.cmdb.service.change_log import ChangeLog
from adapters.cmdb.service.changes import InventoryChanges
from adapters.cmdb.service.cloud_areas.endpoints import register_cloud_areas
from adapters.cmdb.service.cloud_areas.service import CloudAreaService
from adapters.cmdb.service.dynamic_groups.endpoints import register_dynamic_groups
from adapters.cmdb.service.dynamic_groups.service import DynamicGroupService
from adapters.cmdb.service.endpoints import register_components
from adapters.cmdb.service.errors import CODES
from adapters.cmdb.service.events.bell import Bell
from adapters.cmdb.service.events.order import one_after_another
from adapters.cmdb.service.events.unit import build_events
from adapters.cmdb.service.history.endpoints import register_history
from adapters.cmdb.service.history.service import HistoryService
from adapters.cmdb.service.host_choices.endpoints import register_host_choices
from adapters.cmdb.service.host_choices.service import HostChoiceService
from adapters.cmdb.service.hosts import InventoryHosts
from adapters.cmdb.service.imports.unit import build_imports
from adapters.cmdb.service.models import CmdbIdempotency
from adapters.cmdb.service.removals import InventoryRemovals
from adapters.cmdb.service.repository import InventoryRepository
from adapters.cmdb.service.scopes import MANAGE, READ, WRITE
from adapters.cmdb.service.service import InventoryService
from adapters.cmdb.service.topology.endpoints import register_topology
from adapters.cmdb.service.topology.service import TopologyService
from adapters.cmdb.service.transfers import HostTransfers
from kernel.background import Repeating
from kernel.contracts.system_keys import SystemKeys
from kernel.db.idempotency import IdempotencyLedger
from kernel.http.component_app import ComponentApp, EmbeddedSystem
from kernel.http.component_document import SystemFacts, Words
from kernel.http.nonces import DatabaseNonces, NonceStore
from kernel.http.signature_check import SignatureCheck
from kernel.looks import when_changed
from kernel.services import KernelServices

_WEBHOOK_SECONDS = 1.0
_IMPORT_SECONDS = 5.0
_FORGETTING_SECONDS = 3600.0

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
        MANAGE: Words("Keep webhooks and import sources", "管理事件回调与导入数据源"),
    },
)


def build_app(kernel: KernelServices, keys: SystemKeys, nonces: NonceStore | None = None) -> EmbeddedSystem:
    """The inventory, ready to be mounted at `/systems/cmdb`. Between `start` and `stop` webhooks are
    told and import sources run.

    Args:
        keys: the keys with which the gateway signs.
        nonces: where nonces are remembered; the database when not given.
    """
    repository, attributes, bell = InventoryRepository(), AttributeRepository(), Bell()
    log, references = ChangeLog(attributes, kernel.clock, bell), ReferenceGuard(attributes)
    ledger = IdempotencyLedger(CmdbIdempotency, kernel.clock)
    app = ComponentApp(FACTS, kernel.database, ledger, CODES, before_change=one_after_another)
    changes, transfers = InventoryChanges(repository, attributes, log, kernel.clock), HostTransfers(repository, log)
    register_components(
        app,
        InventoryService(repository, attributes),
        changes,
        InventoryRemovals(repository, references, log),
        transfers,
    )
    register_bulk(
        app,
        BulkChanges(repository, changes, transfers),
        HostReplacement(repository, attributes, changes, transfers),
    )
    register_topology(app, TopologyService(repository, attributes))
    register_attributes(app, AttributeService(repository, attributes, kernel.clock))
    register_cloud_areas(app, CloudAreaService(repository, references, log, kernel.clock))
    register_dynamic_groups(app, DynamicGroupService(repository, attributes, kernel.clock))
    register_host_choices(app, HostChoiceService(repository, InventoryHosts()))
    register_history(app, HistoryService(repository))
    sender = build_events(app, kernel, bell)
    runner = build_imports(app, kernel, repository, attributes, log)
    background = Background(
        [
            Repeating("cmdb_webhooks", _WEBHOOK_SECONDS, when_changed(kernel.database, sender.send_due)),
            Repeating("cmdb_imports", _IMPORT_SECONDS, when_changed(kernel.database, runner.run_due)),
            Repeating("cmdb_old_events", _FORGETTING_SECONDS, sender.remove_old, at_once=False),
        ]
    )
    remembered = nonces or DatabaseNonces(kernel.database, kernel.clock)
    check = SignatureCheck(FACTS.name, keys, remembered, kernel.clock)
    return app.build(check, max_body_bytes=kernel.settings.max_body_bytes, start=background.start, stop=background.stop)
