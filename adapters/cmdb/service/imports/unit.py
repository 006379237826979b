"""Everything about imports and exports, built and wired."""

from adapters.cmdb.service.attributes.repository import AttributeRepository
from adapters.cmdb.service.change_log import ChangeLog
from adapters.cmdb.service.imports.applying import ImportApplier
from adapters.cmdb.service.imports.endpoints import register_imports
from adapters.cmdb.service.imports.exporting import HostExport
from adapters.cmdb.service.imports.files import FileImports
from adapters.cmdb.service.imports.history import ImportHistory
from adapters.cmdb.service.imports.planning import ImportPlanner
from adapters.cmdb.service.imports.repository import ImportRepository
from adapters.cmdb.service.imports.sources.endpoints import register_sources
from adapters.cmdb.service.imports.sources.host_keys import HostKeys
from adapters.cmdb.service.imports.sources.netbox import NetBoxReader
from adapters.cmdb.service.imports.sources.repository import SourceRepository
from adapters.cmdb.service.imports.sources.running import ImportParts, SourceRunner
from adapters.cmdb.service.imports.sources.service import SourceService
from adapters.cmdb.service.imports.sources.sweep import SweepReader
from adapters.cmdb.service.imports.sources.trying import SourceTrial
from adapters.cmdb.service.imports.sources.vanished import VanishedHosts
from adapters.cmdb.service.repository import InventoryRepository
from adapters.cmdb.service.transfers import HostTransfers
from kernel.http.component_app import ComponentApp
from kernel.services import KernelServices
from kernel.transport.addresses import AddressPolicy


def build_imports(
    app: ComponentApp,
    kernel: KernelServices,
    inventory: InventoryRepository,
    attributes: AttributeRepository,
    log: ChangeLog,
) -> SourceRunner:
    """Registers the components; answers what runs sources in the background."""
    database, clock = kernel.database, kernel.clock
    imports, sources, host_keys = ImportRepository(), SourceRepository(), HostKeys(database, clock)
    planner = ImportPlanner(inventory, attributes, imports)
    applier = ImportApplier(inventory, imports, log, clock)
    vanished = VanishedHosts(sources, inventory, HostTransfers(inventory, log), clock)
    origins = AddressPolicy.allowing(kernel.settings.allowed_upstream_origins)
    networks = AddressPolicy.allowing(networks=kernel.settings.job_networks)
    runner = SourceRunner(
        ImportParts(database, kernel.secrets, clock, sources, imports, attributes, planner, applier, vanished),
        {"netbox": NetBoxReader(origins), "ssh": SweepReader(networks, host_keys)},
    )
    register_imports(
        app,
        FileImports(attributes, planner, applier, clock),
        ImportHistory(imports),
        HostExport(inventory, attributes),
    )
    register_sources(
        app,
        SourceService(sources, inventory, host_keys, kernel.secrets, origins, clock),
        SourceTrial(database, sources, runner, planner),
    )
    return runner
