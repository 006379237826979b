"""Tasks as they lie in lists. Pure."""

from collections.abc import Sequence

from kernel.contracts.project_businesses import BusinessProject
from orchestrator.engine.states import TaskState
from orchestrator.runtime.models import Task
from orchestrator.sops.moments import moment
from orchestrator.sops.places import COMMON
from orchestrator.sops.tasks.making import CreateMethod
from orchestrator.sops.tasks.schemas import TaskRow
from orchestrator.tasks.origins import OriginKind


def row_of(
    task: Task,
    number: int,
    flow: int | None,
    made: CreateMethod,
    place: BusinessProject,
    project: int,
    actions: Sequence[str] = (),
) -> TaskRow:
    """Args:
    flow: number of its flow; none of a task without one.
    project: number of its project.
    actions: what the person may do with tasks of the project.
    """
    return TaskRow(
        id=number,
        name=task.name,
        category="Other",
        creator=task.created_by,
        executor=task.created_by if task.start_at else "",
        create_time=moment(task.created_at),
        start_time=moment(task.started_at),
        finish_time=moment(task.finished_at),
        is_started=task.start_at is not None,
        is_finished=task.state == TaskState.FINISHED,
        template_source=_source(task),
        template_id=flow,
        create_method=made,
        is_child_taskflow=task.origin == OriginKind.SUBPROCESS.value,
        project_id=project,
        project_name=place.project.name,
        bk_biz_id=place.bk_biz_id,
        bk_biz_name=place.project.name,
        auth_actions=list(actions),
    )


def _source(task: Task) -> str:
    if not task.flow_id:
        return "onetime"
    return COMMON if task.common else "project"
