from kernel.http.component_document import Words
from orchestrator.sops.answering import Components
from orchestrator.sops.functionalization import schemas
from orchestrator.sops.functionalization.service import FunctionTaskComponents


def register_function_task_components(components: Components, service: FunctionTaskComponents) -> None:
    components.read(
        "/get_functionalization_task_list",
        schemas.ListFunctionTasks,
        list[schemas.FunctionTask],
        service.get_functionalization_task_list,
        (
            Words("List tasks that people ask for", "查询职能化任务列表"),
            Words("Of the projects whose tasks the person may operate.", "用户可操作任务的项目中的职能化任务。"),
        ),
    )
    components.change(
        "/claim_functionalization_task/{task_id}/{bk_biz_id}",
        schemas.ClaimFunctionTask,
        str,
        service.claim_functionalization_task,
        (
            Words("Claim a task that somebody asks for", "认领职能化任务"),
            Words(
                "And change what it is started with; start_task then starts it.",
                "可修改参数，认领后由 start_task 执行。",
            ),
        ),
    )
