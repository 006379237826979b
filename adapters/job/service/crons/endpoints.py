"""The components about crons."""

from typing import Final

from adapters.job.service.crons import schemas
from adapters.job.service.crons.service import CronService
from kernel.http.component_app import ComponentApp
from kernel.http.component_document import Words

_READ: Final = "job:read"
_EXECUTE: Final = "job:execute"


def register_cron_components(app: ComponentApp, crons: CronService) -> None:
    app.change(
        "save_cron",
        schemas.SaveCron,
        schemas.CronShown,
        crons.save_cron,
        scope=_EXECUTE,
        summary=Words("Save a cron", "新建或更新定时作业"),
        description=Words(
            "A plan that is executed by itself: by a rule, or once. A new one is paused.",
            "按定时规则或在某一时刻自动执行的方案；新建后为暂停状态。",
        ),
    )
    app.change(
        "update_cron_status",
        schemas.UpdateCronStatus,
        schemas.CronShown,
        crons.update_cron_status,
        scope=_EXECUTE,
        summary=Words("Start or pause a cron", "启动或暂停定时作业"),
        description=Words("What is paused is not due.", "暂停后不再触发。"),
    )
    app.change(
        "delete_cron",
        schemas.OfCron,
        schemas.CronId,
        crons.delete_cron,
        scope=_EXECUTE,
        summary=Words("Delete a cron", "删除定时作业"),
        description=Words("What it has executed stays.", "已执行的作业保留。"),
    )
    app.read(
        "get_cron_list",
        schemas.ListCrons,
        schemas.Crons,
        crons.get_cron_list,
        scope=_READ,
        summary=Words("List crons", "查询定时作业列表"),
        description=Words("Newest first, at most 200 a page.", "按时间倒序，每页最多 200 条。"),
    )
    app.read(
        "get_cron_detail",
        schemas.OfCron,
        schemas.CronDetail,
        crons.get_cron_detail,
        scope=_READ,
        summary=Words("A cron", "查询定时作业详情"),
        description=Words("With the values it gives to the plan's variables.", "包括传给方案变量的值。"),
    )
