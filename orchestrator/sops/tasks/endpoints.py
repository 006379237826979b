from typing import Any

from kernel.http.component_document import Words
from orchestrator.sops.answering import Components
from orchestrator.sops.tasks import schemas
from orchestrator.sops.tasks.counting import CountComponents
from orchestrator.sops.tasks.creating import TaskCreation
from orchestrator.sops.tasks.service import TaskComponents
from orchestrator.sops.tasks.timing import TimingComponents


def register_task_creation(components: Components, creation: TaskCreation) -> None:
    components.change(
        "/create_task/{template_id}/{bk_biz_id}",
        schemas.CreateTask,
        schemas.SubmittedTask | schemas.CreatedTask,
        creation.create_task,
        (
            Words("Create a task", "通过流程模板新建任务"),
            Words("Of a template's latest revision; it waits to be started.", "使用模板最新版本创建任务，等待执行。"),
        ),
    )
    components.change(
        "/create_and_start_task/{template_id}/{bk_biz_id}",
        schemas.CreateAndStartTask,
        schemas.CreatedTask,
        creation.create_and_start_task,
        (
            Words("Create and start a task", "创建并开始执行任务"),
            Words("Of a template's latest revision.", "使用模板最新版本创建任务并立即执行。"),
        ),
    )
    components.change(
        "/fast_create_task/{bk_biz_id}",
        schemas.FastCreateTask,
        schemas.CreatedTask,
        creation.fast_create_task,
        (
            Words("Create a task of a tree", "快速新建一次性任务"),
            Words("Without a template; it waits to be started.", "无需模板，直接由流程树创建任务，等待执行。"),
        ),
    )
    components.change(
        "/start_task/{task_id}/{bk_biz_id}",
        schemas.OfTask,
        schemas.StartedTask,
        creation.start_task,
        (Words("Start a task", "开始执行任务"), Words("Once, when it was made without.", "对尚未执行的任务执行一次。")),
    )


def register_task_timing(components: Components, service: TimingComponents) -> None:
    components.read(
        "/get_task_effective_time/{task_id}/{bk_biz_id}",
        schemas.OfTask,
        schemas.EffectiveTime,
        service.get_task_effective_time,
        (
            Words("Read how long a task was at work", "统计任务的有效执行时间"),
            Words("Without what waits for a person or a moment.", "排除等待人工与定时的节点。"),
        ),
    )


def register_task_counts(components: Components, service: CountComponents) -> None:
    components.read(
        "/get_task_count/{bk_biz_id}",
        schemas.CountTasks,
        schemas.Count,
        service.get_task_count,
        (Words("Count tasks", "获取任务数量"), Words("As get_task_list lists them.", "条件与任务列表一致。")),
    )
    components.read(
        "/query_task_count/{bk_biz_id}",
        schemas.QueryTaskCount,
        schemas.TaskCounts,
        service.query_task_count,
        (
            Words("Count tasks by kinds", "分类统计任务数量"),
            Words("By status, how they came to be, or type of flow.", "按状态、创建方式或流程类型统计。"),
        ),
        method="POST",
    )


def register_task_components(components: Components, service: TaskComponents) -> None:
    components.read(
        "/get_task_status/{task_id}/{bk_biz_id}",
        schemas.GetTaskStatus,
        dict[str, Any],
        service.get_task_status,
        (
            Words("How a task stands", "查询任务或任务节点执行状态"),
            Words("With its nodes, those inside others below them.", "包含各节点状态，子流程内的节点在其下级。"),
        ),
    )
    components.read(
        "/get_tasks_status/{bk_biz_id}",
        schemas.GetTasksStatus,
        list[schemas.TaskStatus],
        service.get_tasks_status,
        (Words("How tasks stand", "批量查询任务状态"), Words("Up to 50 at once.", "一次最多 50 个任务。")),
        method="POST",
    )
    components.read(
        "/get_tasks_manual_intervention_state/{bk_biz_id}",
        schemas.GetTasksStatus,
        list[schemas.Intervention],
        service.get_tasks_manual_intervention_state,
        (
            Words("Which tasks need people", "获取一批任务是否需要人工干预"),
            Words("Failed, paused, or asking somebody.", "任务失败、暂停或等待人工处理。"),
        ),
        method="POST",
    )
    components.read(
        "/get_task_detail/{task_id}/{bk_biz_id}",
        schemas.GetTaskDetail,
        schemas.TaskDetail,
        service.get_task_detail,
        (
            Words("Read a task", "查询任务执行详情"),
            Words("With its tree, inputs and outputs.", "包含流程树、输入参数与输出。"),
        ),
    )
    components.read(
        "/get_task_list/{bk_biz_id}",
        schemas.ListTasks,
        list[schemas.TaskRow],
        service.get_task_list,
        (Words("List tasks", "获取业务下的任务列表"), Words("The newest first.", "按创建时间倒序。")),
    )
    components.read(
        "/get_task_operate_record/{task_id}/{bk_biz_id}",
        schemas.OperateRecords,
        list[schemas.OperateRecord],
        service.get_task_operate_record,
        (
            Words("What was done to a task", "获取任务操作记录"),
            Words("By people, to it and its nodes.", "任务及其节点的操作记录。"),
        ),
    )
    components.operate(
        "/operate_task/{task_id}/{bk_biz_id}",
        schemas.OperateTask,
        str,
        service.operate_task,
        (
            Words("Operate a task", "操作任务"),
            Words("Start, pause, resume or revoke it.", "开始、暂停、继续或终止任务。"),
        ),
    )
    components.operate(
        "/modify_constants_for_task/{task_id}/{bk_biz_id}",
        schemas.ModifyConstants,
        str,
        service.modify_constants_for_task,
        (
            Words("Change a task's inputs", "修改任务的全局参数"),
            Words("For the nodes that begin from now on.", "对之后开始的节点生效。"),
        ),
    )
