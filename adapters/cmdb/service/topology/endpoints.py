"""The components about hosts' places."""

from adapters.cmdb.service.answers import Hosts, ModuleRecord, Relation, SetRecord
from adapters.cmdb.service.schemas import OfBusiness
from adapters.cmdb.service.scopes import READ
from adapters.cmdb.service.topology import schemas
from adapters.cmdb.service.topology.service import TopologyService
from kernel.http.component_app import ComponentApp
from kernel.http.component_document import Words


def register_topology(app: ComponentApp, topology: TopologyService) -> None:
    app.read(
        "find_host_by_topo",
        schemas.FindHostByTopo,
        Hosts,
        topology.find_host_by_topo,
        scope=READ,
        summary=Words("List hosts below a node", "查询拓扑节点下的主机"),
        description=Words("Hosts of a set or module, at most 500 a page.", "查询集群或模块下的主机，每页最多 500 条。"),
    )
    app.read(
        "find_host_biz_relations",
        schemas.FindHostBizRelations,
        list[Relation],
        topology.find_host_biz_relations,
        scope=READ,
        summary=Words("Find businesses of hosts", "查询主机业务关系"),
        description=Words("Business, set and module of each host.", "查询主机所在的业务、集群与模块。"),
    )
    app.read(
        "find_set_batch",
        schemas.FindBatch,
        list[SetRecord],
        topology.find_set_batch,
        scope=READ,
        summary=Words("Read sets by id", "批量查询集群"),
        description=Words("Sets of a business, at most 500.", "按 ID 查询业务下的集群，最多 500 个。"),
    )
    app.read(
        "find_module_batch",
        schemas.FindBatch,
        list[ModuleRecord],
        topology.find_module_batch,
        scope=READ,
        summary=Words("Read modules by id", "批量查询模块"),
        description=Words("Modules of a business, at most 500.", "按 ID 查询业务下的模块，最多 500 个。"),
    )
    app.read(
        "get_host_base_info",
        schemas.OfHost,
        list[schemas.HostProperty],
        topology.get_host_base_info,
        scope=READ,
        summary=Words("Read a host", "查询主机详情"),
        description=Words("Every property of a host with its name.", "查询主机的全部属性及其名称。"),
        method="GET",
    )
    app.read(
        "count_hosts_by_topo",
        OfBusiness,
        list[schemas.NodeCount],
        topology.count_hosts_by_topo,
        scope=READ,
        summary=Words("Count hosts by node", "统计拓扑节点主机数"),
        description=Words(
            "How many hosts the business and each of its sets and modules have.", "统计业务、集群与模块的主机数。"
        ),
        method="GET",
    )
