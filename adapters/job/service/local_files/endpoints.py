"""The components about uploaded files."""

from typing import Final

from adapters.job.service.local_files import schemas
from adapters.job.service.local_files.service import LocalFileService
from kernel.http.component_app import ComponentApp
from kernel.http.component_document import Words

_READ: Final = "job:read"
_EXECUTE: Final = "job:execute"


def register_local_file_components(app: ComponentApp, files: LocalFileService) -> None:
    app.change(
        "upload_local_file",
        schemas.UploadLocalFile,
        schemas.LocalFileShown,
        files.upload_local_file,
        scope=_EXECUTE,
        summary=Words("Upload a file", "上传本地文件"),
        description=Words(
            "Kept to be distributed by fast_transfer_file; up to 512 MiB, in pieces of 6 MiB.",
            "保存后由 fast_transfer_file 分发；最大 512 MiB，可分片上传，每片最多 6 MiB。",
        ),
    )
    app.change(
        "delete_local_file",
        schemas.OfLocalFile,
        schemas.LocalFileId,
        files.delete_local_file,
        scope=_EXECUTE,
        summary=Words("Delete an uploaded file", "删除已上传的文件"),
        description=Words("What was distributed stays where it is.", "已分发的文件不受影响。"),
    )
    app.read(
        "get_local_file_list",
        schemas.ListLocalFiles,
        schemas.LocalFiles,
        files.get_local_file_list,
        scope=_READ,
        summary=Words("List uploaded files", "查询已上传的文件"),
        description=Words("Newest first, at most 200 a page.", "按时间倒序，每页最多 200 条。"),
    )
