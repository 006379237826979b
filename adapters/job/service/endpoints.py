"""The components of the job system, each with what it takes, answers and needs."""

from typing import Final

from adapters.job.service import schemas
from adapters.job.service.files.schemas import FastTransferFile
from adapters.job.service.files.service import FileService
from adapters.job.service.service import JobService
from adapters.job.service.steps import StepService
from kernel.http.component_app import ComponentApp
from kernel.http.component_document import Words

_READ: Final = "job:read"
_EXECUTE: Final = "job:execute"
_MANAGE: Final = "job:manage"


def register_components(app: ComponentApp, jobs: JobService, files: FileService, steps: StepService) -> None:
    app.change(
        "fast_transfer_file",
        FastTransferFile,
        schemas.Executed,
        files.fast_transfer_file,
        scope=_EXECUTE,
        summary=Words("Distribute files", "快速分发文件"),
        description=Words(
            "Copies files from hosts into a folder on others and answers at once; a file arrives whole or not at all.",
            "将主机上的文件分发到其他主机的目录并立即返回；文件要么完整到达，要么不变。",
        ),
    )
    app.change(
        "fast_execute_script",
        schemas.FastExecuteScript,
        schemas.Executed,
        jobs.fast_execute_script,
        scope=_EXECUTE,
        summary=Words("Execute a script", "快速执行脚本"),
        description=Words(
            "Starts a script on hosts and answers at once; ask get_job_instance_status how it goes, or be called back.",
            "在主机上启动脚本并立即返回，之后查询状态或等待回调。",
        ),
    )
    app.change(
        "operate_job_instance",
        schemas.Operate,
        schemas.Operated,
        jobs.operate_job_instance,
        scope=_EXECUTE,
        summary=Words("Terminate a job", "终止作业"),
        description=Words("What waits never starts, what runs is ended.", "等待的不再启动，运行的被终止。"),
    )
    app.change(
        "operate_step_instance",
        schemas.OperateStep,
        schemas.StepOperated,
        steps.operate_step_instance,
        scope=_EXECUTE,
        summary=Words("Retry, go on, approve", "重试、继续或审批"),
        description=Words(
            "Of a job that has ended: hosts again, or on with the next batch or step. Or approves a step that waits.",
            "针对已结束的作业：重试主机，或继续下一批、下一步骤；也可确认等待审批的步骤。",
        ),
    )
    app.read(
        "get_job_instance_status",
        schemas.GetStatus,
        schemas.InstanceStatus,
        jobs.get_job_instance_status,
        scope=_READ,
        summary=Words("Status of a job", "查询作业执行状态"),
        description=Words("Of the instance, its steps and, if asked, each host.", "作业、步骤及（可选）各主机的状态。"),
    )
    app.read(
        "get_job_instance_list",
        schemas.ListInstances,
        schemas.Instances,
        jobs.get_job_instance_list,
        scope=_READ,
        summary=Words("List jobs", "查询作业列表"),
        description=Words("Newest first, at most 200 a page.", "按时间倒序，每页最多 200 条。"),
    )
    app.read(
        "get_job_scope_list",
        schemas.ListScopes,
        list[schemas.JobScope],
        jobs.get_job_scope_list,
        scope=_MANAGE,
        summary=Words("Scopes that have jobs", "查询有作业的资源范围"),
        description=Words("With the one of the last job first.", "按最近作业时间倒序。"),
    )
