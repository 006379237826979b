from typing import Any

from kernel.http.component_document import Words
from orchestrator.sops.answering import Components
from orchestrator.sops.periodic import schemas
from orchestrator.sops.periodic.service import PeriodicComponents


def register_periodic_components(components: Components, service: PeriodicComponents) -> None:
    components.change(
        "/create_periodic_task/{template_id}/{bk_biz_id}",
        schemas.CreatePeriodicTask,
        schemas.PeriodicTask,
        service.create_periodic_task,
        (
            Words("Create a periodic task", "新建周期任务"),
            Words("Starts tasks of a template by a cron rule, for the person.", "按 cron 规则代用户执行模板任务。"),
        ),
    )
    components.read(
        "/get_periodic_task_list/{bk_biz_id}",
        schemas.ListPeriodicTasks,
        list[schemas.PeriodicTask],
        service.get_periodic_task_list,
        (Words("List periodic tasks", "查询周期任务列表"), Words("Of a project.", "项目中的周期任务。")),
    )
    components.read(
        "/get_periodic_task_info/{task_id}/{bk_biz_id}",
        schemas.GetPeriodicTask,
        schemas.PeriodicTaskDetail,
        service.get_periodic_task_info,
        (
            Words("Read a periodic task", "查询周期任务详情"),
            Words("With its tree and what its tasks are started with.", "包含流程树与参数。"),
        ),
    )
    components.change(
        "/set_periodic_task_enabled/{task_id}/{bk_biz_id}",
        schemas.SetEnabled,
        schemas.Enabled,
        service.set_periodic_task_enabled,
        (
            Words("Switch a periodic task", "启用或停用周期任务"),
            Words("Enabled again, it is due from now on.", "重新启用后从当前时间开始生效。"),
        ),
    )
    components.change(
        "/modify_cron_for_periodic_task/{task_id}/{bk_biz_id}",
        schemas.ModifyCron,
        schemas.NewCron,
        service.modify_cron_for_periodic_task,
        (
            Words("Change when a periodic task runs", "修改周期任务的调度策略"),
            Words("Whoever changes it is the person it runs for.", "修改者成为任务的执行人。"),
        ),
    )
    components.change(
        "/modify_constants_for_periodic_task/{task_id}/{bk_biz_id}",
        schemas.ModifyPeriodicConstants,
        dict[str, Any],
        service.modify_constants_for_periodic_task,
        (
            Words("Change a periodic task's inputs", "修改周期任务的全局参数"),
            Words("Whoever changes them is the person it runs for.", "修改者成为任务的执行人。"),
        ),
    )
    components.change(
        "/create_clocked_task/{template_id}/{bk_biz_id}",
        schemas.CreateClockedTask,
        schemas.ClockedTask,
        service.create_clocked_task,
        (
            Words("Create a clocked task", "新建计划任务"),
            Words("Starts one task of a template at a time to come.", "在指定时间执行一次模板任务。"),
        ),
    )
    components.read(
        "/get_clocked_task_list/{bk_biz_id}",
        schemas.ListClockedTasks,
        list[schemas.ClockedTask],
        service.get_clocked_task_list,
        (Words("List clocked tasks", "查询计划任务列表"), Words("Of a project.", "项目中的计划任务。")),
    )
