"""The components of the inventory, each with what it takes, answers and needs."""

from adapters.cmdb.service import answers, schemas
from adapters.cmdb.service.changes import InventoryChanges
from adapters.cmdb.service.removals import InventoryRemovals
from adapters.cmdb.service.scopes import READ, WRITE
from adapters.cmdb.service.service import InventoryService
from adapters.cmdb.service.transfers import HostTransfers
from kernel.http.component_app import ComponentApp
from kernel.http.component_document import Words


def register_components(
    app: ComponentApp,
    inventory: InventoryService,
    changes: InventoryChanges,
    removals: InventoryRemovals,
    transfers: HostTransfers,
) -> None:
    _register_searches(app, inventory)
    _register_topology(app, inventory)
    _register_changes(app, changes)
    _register_removals(app, removals)
    _register_transfers(app, transfers)


def _register_searches(app: ComponentApp, inventory: InventoryService) -> None:
    app.read(
        "search_business",
        schemas.SearchBusiness,
        answers.Businesses,
        inventory.search_business,
        scope=READ,
        summary=Words("Search businesses", "查询业务"),
        description=Words(
            "Businesses by condition or property filter, at most 200 a page.", "按条件查询业务，每页最多 200 条。"
        ),
    )
    app.read(
        "search_set",
        schemas.SearchSet,
        answers.Sets,
        inventory.search_set,
        scope=READ,
        summary=Words("Search sets", "查询集群"),
        description=Words("Sets of a business, at most 200 a page.", "查询业务下的集群，每页最多 200 条。"),
    )
    app.read(
        "search_module",
        schemas.SearchModule,
        answers.Modules,
        inventory.search_module,
        scope=READ,
        summary=Words("Search modules", "查询模块"),
        description=Words("Modules of a business or of one of its sets.", "查询业务或其集群下的模块。"),
    )
    app.read(
        "list_biz_hosts",
        schemas.ListBusinessHosts,
        answers.Hosts,
        inventory.list_biz_hosts,
        scope=READ,
        summary=Words("List hosts of a business", "查询业务下的主机"),
        description=Words(
            "Hosts of a business by set, module and property filter (two levels), at most 500 a page.",
            "按集群、模块和主机属性（两层组合）查询业务主机，每页最多 500 条。",
        ),
    )
    app.read(
        "list_hosts_without_biz",
        schemas.ListHosts,
        answers.Hosts,
        inventory.list_hosts_without_biz,
        scope=READ,
        summary=Words("List hosts wherever they are", "跨业务查询主机"),
        description=Words(
            "Hosts of all businesses and of the pool: no business is asked for.", "查询所有业务及资源池中的主机。"
        ),
    )
    app.read(
        "list_resource_pool_hosts",
        schemas.ListHosts,
        answers.Hosts,
        inventory.list_resource_pool_hosts,
        scope=READ,
        summary=Words("List hosts in the resource pool", "查询资源池中的主机"),
        description=Words("Hosts that belong to no business.", "不属于任何业务的主机。"),
    )
    app.read(
        "search_host",
        schemas.SearchHost,
        answers.HostsInPlace,
        inventory.search_host,
        scope=READ,
        summary=Words("Search hosts (first version)", "查询主机（旧版）"),
        description=Words(
            "Hosts by address and by conditions on business, set, module and host, each with where it stands.",
            "按地址以及业务、集群、模块、主机条件查询主机及其位置。",
        ),
    )


def _register_topology(app: ComponentApp, inventory: InventoryService) -> None:
    app.read(
        "list_biz_hosts_topo",
        schemas.ListBusinessHostsTopo,
        answers.HostsWithTopo,
        inventory.list_biz_hosts_topo,
        scope=READ,
        summary=Words("List hosts with their place", "查询业务主机与拓扑"),
        description=Words("Hosts of a business, each with its sets and modules.", "业务主机及其所在集群与模块。"),
    )
    app.read(
        "find_host_topo_relation",
        schemas.FindTopologyRelation,
        answers.Relations,
        inventory.find_host_topo_relation,
        scope=READ,
        summary=Words("Find where hosts stand", "查询主机拓扑关系"),
        description=Words(
            "Pairs of host and module, by set, module or host.", "按集群、模块或主机查询主机与模块的关系。"
        ),
    )
    app.read(
        "search_biz_inst_topo",
        schemas.SearchTopology,
        list[answers.TopologyNode],
        inventory.search_biz_inst_topo,
        scope=READ,
        summary=Words("Topology tree", "查询业务拓扑树"),
        description=Words("The tree of business, sets and modules.", "业务、集群、模块组成的拓扑树。"),
        method="GET",
    )
    app.read(
        "get_biz_internal_module",
        schemas.OfBusiness,
        answers.InternalModules,
        inventory.get_biz_internal_module,
        scope=READ,
        summary=Words("Internal modules", "查询业务内置模块"),
        description=Words("The idle, fault and recycle modules of a business.", "业务的空闲机、故障机与待回收模块。"),
        method="GET",
    )


def _register_changes(app: ComponentApp, changes: InventoryChanges) -> None:
    app.change(
        "create_business",
        schemas.CreateBusiness,
        answers.BusinessRecord,
        changes.create_business,
        scope=WRITE,
        summary=Words("Create a business", "创建业务"),
        description=Words("With its idle, fault and recycle modules.", "同时建立空闲机、故障机与待回收模块。"),
    )
    app.change(
        "create_set",
        schemas.CreateSet,
        answers.SetRecord,
        changes.create_set,
        scope=WRITE,
        summary=Words("Create a set", "创建集群"),
        description=Words("A set in a business.", "在业务下创建集群。"),
    )
    app.change(
        "create_module",
        schemas.CreateModule,
        answers.ModuleRecord,
        changes.create_module,
        scope=WRITE,
        summary=Words("Create a module", "创建模块"),
        description=Words("A module in a set.", "在集群下创建模块。"),
    )
    app.change(
        "add_host_to_resource",
        schemas.AddHostToResource,
        answers.AddedHosts,
        changes.add_host_to_resource,
        scope=WRITE,
        summary=Words("Add hosts to the resource pool", "新增主机到资源池"),
        description=Words("Hosts that belong to no business yet.", "新增尚不属于任何业务的主机。"),
    )
    app.change(
        "add_host_to_business_idle",
        schemas.AddHostToBusinessIdle,
        answers.AddedHosts,
        changes.add_host_to_business_idle,
        scope=WRITE,
        summary=Words("Add hosts to a business", "新增主机到业务空闲机"),
        description=Words("New hosts, into the idle module of a business.", "新增主机并放入业务的空闲机模块。"),
    )
    app.change(
        "add_local_host_to_business_idle",
        schemas.OfBusiness,
        answers.HostRecord,
        changes.add_local_host_to_business_idle,
        scope=WRITE,
        summary=Words("Register this machine", "登记本机"),
        description=Words(
            "The machine the inventory runs on, with name, address, system, processors, memory and disk.",
            "登记配置管理所在的机器：名称、地址、系统、处理器、内存与磁盘。",
        ),
    )
    app.change(
        "update_host",
        schemas.UpdateHost,
        answers.Nothing,
        changes.update_host,
        scope=WRITE,
        summary=Words("Update hosts", "更新主机属性"),
        description=Words("Only the fields that are sent change.", "只修改传入的字段。"),
    )
    app.change(
        "batch_update_host",
        schemas.BatchUpdateHost,
        answers.Nothing,
        changes.batch_update_host,
        scope=WRITE,
        summary=Words("Update each host differently", "批量更新主机属性"),
        description=Words("At most 500 hosts, each with its own values.", "最多 500 台，每台各自的属性值。"),
    )
    app.change(
        "update_business",
        schemas.UpdateBusiness,
        answers.Nothing,
        changes.update_business,
        scope=WRITE,
        summary=Words("Update a business", "修改业务"),
        description=Words("Only the fields that are sent change.", "只修改传入的字段。"),
    )
    app.change(
        "update_set",
        schemas.UpdateSet,
        answers.Nothing,
        changes.update_set,
        scope=WRITE,
        summary=Words("Update a set", "修改集群"),
        description=Words("Only the fields that are sent change.", "只修改传入的字段。"),
    )
    app.change(
        "update_module",
        schemas.UpdateModule,
        answers.Nothing,
        changes.update_module,
        scope=WRITE,
        summary=Words("Update a module", "修改模块"),
        description=Words("Only the fields that are sent change.", "只修改传入的字段。"),
    )


def _register_removals(app: ComponentApp, removals: InventoryRemovals) -> None:
    app.change(
        "delete_set",
        schemas.DeleteSet,
        answers.Nothing,
        removals.delete_set,
        scope=WRITE,
        summary=Words("Delete a set", "删除集群"),
        description=Words("With its modules; only while no host is in it.", "连同其模块一并删除；有主机时不可删除。"),
    )
    app.change(
        "delete_module",
        schemas.DeleteModule,
        answers.Nothing,
        removals.delete_module,
        scope=WRITE,
        summary=Words("Delete a module", "删除模块"),
        description=Words("Only while no host is in it.", "有主机时不可删除。"),
    )
    app.change(
        "delete_host",
        schemas.DeleteHost,
        answers.Nothing,
        removals.delete_host,
        scope=WRITE,
        summary=Words("Delete hosts", "删除主机"),
        description=Words("Only from the resource pool.", "仅可删除资源池中的主机。"),
    )


def _register_transfers(app: ComponentApp, transfers: HostTransfers) -> None:
    app.change(
        "transfer_host_module",
        schemas.TransferHostModule,
        answers.Nothing,
        transfers.transfer_host_module,
        scope=WRITE,
        summary=Words("Move hosts to modules", "转移主机模块"),
        description=Words("Within one business.", "在同一业务内转移主机。"),
    )
    for name, handler, en, zh in (
        ("transfer_host_to_idlemodule", transfers.to_idle, "Move hosts to idle", "转移主机到空闲机"),
        ("transfer_host_to_faultmodule", transfers.to_fault, "Move hosts to fault", "转移主机到故障机"),
        ("transfer_host_to_recyclemodule", transfers.to_recycle, "Move hosts to recycle", "转移主机到待回收"),
    ):
        app.change(
            name,
            schemas.MoveHosts,
            answers.Nothing,
            handler,
            scope=WRITE,
            summary=Words(en, zh),
            description=Words("Out of every other module of the business.", "移出业务的其他模块。"),
        )
    app.change(
        "transfer_resourcehost_to_idlemodule",
        schemas.TransferHosts,
        answers.Nothing,
        transfers.from_resource_to_idle,
        scope=WRITE,
        summary=Words("Give pool hosts to a business", "资源池主机分配到业务空闲机"),
        description=Words("From the resource pool into the idle module.", "从资源池转移到业务的空闲机模块。"),
    )
    app.change(
        "transfer_host_to_resourcemodule",
        schemas.TransferHosts,
        answers.Nothing,
        transfers.to_resource,
        scope=WRITE,
        summary=Words("Return hosts to the pool", "业务主机归还资源池"),
        description=Words("Only idle hosts leave a business.", "只有空闲机可以离开业务。"),
    )
    app.change(
        "transfer_host_across_biz",
        schemas.TransferAcrossBusinesses,
        answers.Nothing,
        transfers.across_businesses,
        scope=WRITE,
        summary=Words("Move hosts to another business", "跨业务转移主机"),
        description=Words(
            "Idle hosts, into an idle, fault or recycle module.", "将空闲机转移到另一业务的空闲机、故障机或待回收模块。"
        ),
    )
    app.change(
        "transfer_sethost_to_idle_module",
        schemas.TransferSetToIdle,
        answers.Nothing,
        transfers.set_to_idle,
        scope=WRITE,
        summary=Words("Empty a set or module", "清空集群或模块的主机"),
        description=Words("All of its hosts go to idle.", "将其全部主机转移到空闲机模块。"),
    )
