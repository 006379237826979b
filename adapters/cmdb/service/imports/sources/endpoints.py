"""The components of import sources."""

from adapters.cmdb.service.answers import Nothing
from adapters.cmdb.service.imports.sources import schemas
from adapters.cmdb.service.imports.sources.service import SourceService
from adapters.cmdb.service.imports.sources.trying import SourceTrial
from adapters.cmdb.service.scopes import MANAGE
from kernel.http.component_app import ComponentApp
from kernel.http.component_document import Words


def register_sources(app: ComponentApp, sources: SourceService, trial: SourceTrial) -> None:
    app.change(
        "create_import_source",
        schemas.CreateSource,
        schemas.MadeSource,
        sources.create,
        scope=MANAGE,
        summary=Words("Add an import source", "新增导入数据源"),
        description=Words(
            "NetBox, or a sweep by SSH, with a schedule and a rule for hosts that vanish.",
            "NetBox 或 SSH 扫描，含定时计划与主机消失后的处理规则。",
        ),
    )
    app.change(
        "update_import_source",
        schemas.UpdateSource,
        Nothing,
        sources.update,
        scope=MANAGE,
        summary=Words("Change an import source", "修改导入数据源"),
        description=Words("Only what is sent changes.", "只修改传入的内容。"),
    )
    app.change(
        "delete_import_source",
        schemas.OfSource,
        Nothing,
        sources.delete,
        scope=MANAGE,
        summary=Words("Delete an import source", "删除导入数据源"),
        description=Words("Its hosts stay.", "已导入的主机保留。"),
    )
    app.read(
        "list_import_sources",
        schemas.ListSources,
        list[schemas.Source],
        sources.list,
        scope=MANAGE,
        summary=Words("List import sources", "查询导入数据源"),
        description=Words("Each with its schedule, without its secret.", "含定时计划，不含密钥。"),
        method="GET",
    )
    app.change(
        "run_import_source",
        schemas.OfSource,
        Nothing,
        sources.run,
        scope=MANAGE,
        summary=Words("Run an import source", "立即同步数据源"),
        description=Words("As soon as a process is free.", "尽快执行一次同步。"),
    )
    app.own(
        "preview_import_source",
        schemas.OfSource,
        schemas.SourcePreview,
        trial.preview,
        scope=MANAGE,
        summary=Words("Preview an import source", "预览数据源"),
        description=Words(
            "Reads its beginning and tells what a run would do. Changes nothing.",
            "读取开头部分并说明同步将做什么，不做修改。",
        ),
        is_read=True,
    )
