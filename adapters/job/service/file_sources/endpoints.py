"""The components about file sources."""

from typing import Final

from adapters.job.service.file_sources import schemas
from adapters.job.service.file_sources.service import FileSourceService
from kernel.http.component_app import ComponentApp
from kernel.http.component_document import Words

_READ: Final = "job:read"
_MANAGE: Final = "job:manage"


def register_file_source_components(app: ComponentApp, sources: FileSourceService) -> None:
    app.change(
        "create_file_source",
        schemas.CreateFileSource,
        schemas.FileSourceId,
        sources.create_file_source,
        scope=_MANAGE,
        summary=Words("Create a file source", "新建文件源"),
        description=Words(
            "An HTTP server or S3 bucket that fast_transfer_file takes files from; its credential is kept sealed.",
            "fast_transfer_file 的第三方文件源：HTTP 服务器或 S3 存储桶，凭证加密保存。",
        ),
    )
    app.change(
        "update_file_source",
        schemas.UpdateFileSource,
        schemas.FileSourceId,
        sources.update_file_source,
        scope=_MANAGE,
        summary=Words("Change a file source", "修改文件源"),
        description=Words("What is left out stays.", "未传入的字段保持不变。"),
    )
    app.change(
        "delete_file_source",
        schemas.OfFileSource,
        schemas.FileSourceId,
        sources.delete_file_source,
        scope=_MANAGE,
        summary=Words("Delete a file source", "删除文件源"),
        description=Words("With its credential.", "连同其凭证一并删除。"),
    )
    app.read(
        "get_file_source_list",
        schemas.ListFileSources,
        schemas.FileSources,
        sources.get_file_source_list,
        scope=_READ,
        summary=Words("List file sources", "查询文件源列表"),
        description=Words("Without their credentials.", "不含凭证。"),
    )
