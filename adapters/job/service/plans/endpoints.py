"""The components about job plans."""

from typing import Final

from adapters.job.service.plans import schemas
from adapters.job.service.plans.service import PlanService
from kernel.http.component_app import ComponentApp
from kernel.http.component_document import Words

_READ: Final = "job:read"
_MANAGE: Final = "job:manage"
_EXECUTE: Final = "job:execute"


def register_plan_components(app: ComponentApp, plans: PlanService) -> None:
    app.change(
        "create_job_plan",
        schemas.CreatePlan,
        schemas.PlanMade,
        plans.create_job_plan,
        scope=_MANAGE,
        summary=Words("Create a job plan", "新建执行方案"),
        description=Words("Steps one after the other, and variables.", "依次执行的步骤与全局变量。"),
    )
    app.change(
        "update_job_plan",
        schemas.UpdatePlan,
        schemas.PlanMade,
        plans.update_job_plan,
        scope=_MANAGE,
        summary=Words("Change a job plan", "修改执行方案"),
        description=Words("As its next version; the earlier ones can be read.", "生成新版本，历史版本仍可查看。"),
    )
    app.change(
        "delete_job_plan",
        schemas.OfPlan,
        schemas.PlanDeleted,
        plans.delete_job_plan,
        scope=_MANAGE,
        summary=Words("Delete a job plan", "删除执行方案"),
        description=Words("Its executions stay.", "已有的执行记录保留。"),
    )
    app.change(
        "execute_job_plan",
        schemas.ExecutePlan,
        schemas.PlanExecuted,
        plans.execute_job_plan,
        scope=_EXECUTE,
        summary=Words("Execute a job plan", "启动执行方案"),
        description=Words(
            "Step after step, until one fails; variables have the values that are sent, or their own.",
            "依次执行各步骤，失败即停；全局变量取传入值或默认值。",
        ),
    )
    app.read(
        "get_job_plan_list",
        schemas.ListPlans,
        schemas.Plans,
        plans.get_job_plan_list,
        scope=_READ,
        summary=Words("List job plans", "查询执行方案列表"),
        description=Words("Newest first.", "按时间倒序。"),
    )
    app.read(
        "get_job_plan_detail",
        schemas.GetPlan,
        schemas.PlanDetail,
        plans.get_job_plan_detail,
        scope=_READ,
        summary=Words("A job plan with its steps", "查询执行方案详情"),
        description=Words("Sealed values are left out.", "不含密文变量的值。"),
    )
    app.read(
        "get_job_plan_version_list",
        schemas.ListPlanVersions,
        schemas.PlanVersions,
        plans.get_job_plan_version_list,
        scope=_READ,
        summary=Words("Versions of a job plan", "查询执行方案版本列表"),
        description=Words("Newest first.", "按时间倒序。"),
    )
