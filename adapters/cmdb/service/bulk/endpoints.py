from adapters.cmdb.service.bulk import schemas
from adapters.cmdb.service.bulk.replacement import HostReplacement
from adapters.cmdb.service.bulk.service import BulkChanges
from adapters.cmdb.service.scopes import WRITE
from kernel.http.component_app import ComponentApp
from kernel.http.component_document import Words


def register_bulk(app: ComponentApp, bulk: BulkChanges, replacement: HostReplacement) -> None:
    app.change(
        "batch_create_set",
        schemas.BatchCreateSet,
        schemas.MadeSets,
        bulk.batch_create_set,
        scope=WRITE,
        summary=Words("Create sets", "批量创建集群"),
        description=Words("At most 200; all of them or none.", "最多 200 个，全部成功或全部不变。"),
    )
    app.change(
        "batch_create_module",
        schemas.BatchCreateModule,
        schemas.MadeModules,
        bulk.batch_create_module,
        scope=WRITE,
        summary=Words("Create modules", "批量创建模块"),
        description=Words(
            "Each of the modules in each of the sets, at most 200; all of them or none.",
            "在每个集群下创建每个模块，最多 200 个，全部成功或全部不变。",
        ),
    )
    app.change(
        "batch_update_module",
        schemas.BatchUpdateModule,
        schemas.ChangedModules,
        bulk.batch_update_module,
        scope=WRITE,
        summary=Words("Update modules", "批量修改模块"),
        description=Words("Each to the same values; all of them or none.", "修改为相同的值，全部成功或全部不变。"),
    )
    app.change(
        "transfer_sethosts_to_idle_module",
        schemas.TransferSetsToIdle,
        schemas.EmptiedSets,
        bulk.transfer_sethosts_to_idle_module,
        scope=WRITE,
        summary=Words("Empty sets", "批量清空集群的主机"),
        description=Words("All hosts of the sets go to idle.", "将这些集群的全部主机转移到空闲机。"),
    )
    app.change(
        "replace_fault_hosts",
        schemas.ReplaceFaultHosts,
        schemas.Replaced,
        replacement.replace_fault_hosts,
        scope=WRITE,
        summary=Words("Replace broken hosts", "替换故障机"),
        description=Words(
            "New hosts are added to the modules of broken ones, which go to the fault module; all of them or none.",
            "替换机加入故障机所在模块，故障机转移到故障机模块；全部成功或全部不变。",
        ),
    )
