"""The components about logs."""

from typing import Final

from adapters.job.service.logs import schemas
from adapters.job.service.logs.following import LogFollower
from adapters.job.service.logs.service import LogService
from kernel.http.component_app import ComponentApp
from kernel.http.component_document import Words

_READ: Final = "job:read"


def register_log_components(app: ComponentApp, logs: LogService, follower: LogFollower) -> None:
    app.read(
        "get_job_instance_ip_log",
        schemas.GetLog,
        schemas.HostLog,
        logs.get_job_instance_ip_log,
        scope=_READ,
        summary=Words("Log of a host", "查询作业执行日志"),
        description=Words(
            "What the script has written so far, at most the last 1 MiB, and the variables it set.",
            "脚本目前的输出（最多末尾 1 MiB）以及它设置的变量。",
        ),
    )
    app.stream(
        "follow_job_instance_ip_log",
        schemas.OfHostRun,
        schemas.LogEvent,
        follower.follow,
        scope=_READ,
        summary=Words("Follow the log of a host", "跟踪作业执行日志"),
        description=Words(
            "As server-sent events while it grows; Last-Event-ID goes on where a reader was.",
            "以服务器推送事件持续返回日志，可凭 Last-Event-ID 续传。",
        ),
    )
