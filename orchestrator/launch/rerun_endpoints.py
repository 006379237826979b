from fastapi import APIRouter

from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute
from orchestrator.dependencies import RerunServiceDep, TaskServiceDep
from orchestrator.launch.endpoints import IdempotencyKey
from orchestrator.launch.reruns import Rerun
from orchestrator.launch.schemas import RerunBody
from orchestrator.tasks.schemas import TaskView
from orchestrator.tasks.views import task_view

router = APIRouter(tags=["launch"], route_class=StrictJsonRoute)


@router.post("/tasks/{task}:rerun", status_code=201)
async def rerun_task(
    task: str,
    body: RerunBody,
    session: SessionDep,
    principal: PrincipalDep,
    reruns: RerunServiceDep,
    tasks: TaskServiceDep,
    idempotency_key: IdempotencyKey = None,
) -> TaskView:
    """Starts a task of the same flow that begins at a node, with what the nodes before it came to in this one."""
    left_out = None if body.leave_out is None else tuple(body.leave_out)
    wanted = Rerun(body.node, body.name, body.inputs, body.revision, left_out, idempotency_key)
    return task_view(await tasks.launched(session, principal, await reruns.rerun(session, principal, task, wanted)))
