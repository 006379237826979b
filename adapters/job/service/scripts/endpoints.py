"""The components about the library of scripts."""

from typing import Final

from adapters.job.service.scripts import schemas
from adapters.job.service.scripts.service import ScriptService
from kernel.http.component_app import ComponentApp
from kernel.http.component_document import Words

_READ: Final = "job:read"
_MANAGE: Final = "job:manage"


def register_script_components(app: ComponentApp, scripts: ScriptService) -> None:
    app.change(
        "create_script",
        schemas.CreateScript,
        schemas.VersionMade,
        scripts.create_script,
        scope=_MANAGE,
        summary=Words("Create a script", "新建脚本"),
        description=Words("With its first version, a draft.", "含第一个版本（未上线）。"),
    )
    app.change(
        "create_script_version",
        schemas.CreateVersion,
        schemas.VersionMade,
        scripts.create_script_version,
        scope=_MANAGE,
        summary=Words("Add a version of a script", "新建脚本版本"),
        description=Words("A draft; versions never change.", "未上线；版本内容不可修改。"),
    )
    app.change(
        "publish_script_version",
        schemas.OfVersion,
        schemas.VersionMade,
        scripts.publish_script_version,
        scope=_MANAGE,
        summary=Words("Put a version online", "上线脚本版本"),
        description=Words("In place of the one that is online.", "替换当前上线版本。"),
    )
    app.change(
        "disable_script_version",
        schemas.OfVersion,
        schemas.VersionMade,
        scripts.disable_script_version,
        scope=_MANAGE,
        summary=Words("Disable a version", "禁用脚本版本"),
        description=Words("No job runs it any more.", "作业不再执行该版本。"),
    )
    app.read(
        "get_script_list",
        schemas.ListScripts,
        schemas.Scripts,
        scripts.get_script_list,
        scope=_READ,
        summary=Words("List scripts", "查询脚本列表"),
        description=Words("By name.", "按名称排序。"),
    )
    app.read(
        "get_script_version_list",
        schemas.ListVersions,
        schemas.Versions,
        scripts.get_script_version_list,
        scope=_READ,
        summary=Words("List versions of a script", "查询脚本版本列表"),
        description=Words("Newest first.", "按时间倒序。"),
    )
    app.read(
        "get_script_version_detail",
        schemas.GetVersion,
        schemas.VersionDetail,
        scripts.get_script_version_detail,
        scope=_READ,
        summary=Words("A version with its content", "查询脚本版本详情"),
        description=Words("The script as it runs.", "包含脚本内容。"),
    )
