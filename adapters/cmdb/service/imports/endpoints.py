"""The components of imports and exports."""

from adapters.cmdb.service.imports import schemas
from adapters.cmdb.service.imports.exporting import HostExport
from adapters.cmdb.service.imports.files import FileImports
from adapters.cmdb.service.imports.history import ImportHistory
from adapters.cmdb.service.scopes import READ, WRITE
from kernel.http.component_app import ComponentApp
from kernel.http.component_document import Words


def register_imports(app: ComponentApp, files: FileImports, history: ImportHistory, export: HostExport) -> None:
    app.read(
        "preview_host_import",
        schemas.HostFile,
        schemas.Preview,
        files.preview,
        scope=READ,
        summary=Words("Preview an import", "预览主机导入"),
        description=Words(
            "What importing a file would create, change and refuse, row by row. Changes nothing.",
            "逐行说明导入文件将新增、修改、拒绝什么，不做任何修改。",
        ),
    )
    app.change(
        "import_hosts",
        schemas.ImportHosts,
        schemas.Imported,
        files.apply,
        scope=WRITE,
        summary=Words("Import hosts", "导入主机"),
        description=Words(
            "From a CSV file or workbook, all in one transaction.", "从 CSV 或 Excel 导入，整体成功或失败。"
        ),
    )
    app.read(
        "export_hosts",
        schemas.ExportHosts,
        schemas.HostsFile,
        export.export,
        scope=READ,
        summary=Words("Export hosts", "导出主机"),
        description=Words(
            "As CSV, workbook or JSON, which can be imported again.", "导出为 CSV、Excel 或 JSON，可再次导入。"
        ),
    )
    app.read(
        "list_import_runs",
        schemas.ListRuns,
        schemas.Runs,
        history.list_runs,
        scope=READ,
        summary=Words("List imports", "查询导入记录"),
        description=Words("The youngest first, with their counts.", "按时间倒序，含各项计数。"),
        method="GET",
    )
    app.read(
        "list_host_origins",
        schemas.ListOrigins,
        list[schemas.Origin],
        history.list_origins,
        scope=READ,
        summary=Words("Where hosts come from", "查询主机来源"),
        description=Words("The files and sources that brought each host.", "查询主机由哪些文件或数据源导入。"),
    )
