from typing import Annotated, Any

from fastapi import APIRouter, Path

from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute
from kernel.secret_handles import masked
from orchestrator.archive.models import ArchivedTask
from orchestrator.archive.packing import Row
from orchestrator.archive.reruns import ArchivedRerun
from orchestrator.archive.schemas import (
    ArchivedRerunBody,
    ArchivedSummary,
    ArchivedView,
    RetentionBody,
    RetentionView,
)
from orchestrator.archive.service import Kept, Story
from orchestrator.dependencies import ArchiveRerunsDep, ArchiveServiceDep, TaskServiceDep
from orchestrator.launch.endpoints import IdempotencyKey
from orchestrator.tasks.schemas import TaskView
from orchestrator.tasks.views import task_view

router = APIRouter(tags=["task archive"], route_class=StrictJsonRoute)

Project = Annotated[str, Path(pattern=r"^[^\x00]{1,64}$")]


@router.get("/projects/{project}/archived-tasks")
async def list_archived_tasks(
    project: Project, session: SessionDep, principal: PrincipalDep, archive: ArchiveServiceDep, page: PageDep
) -> Page[ArchivedSummary]:
    """The newest first."""
    found = await archive.list_in_project(session, principal, project, page)
    return Page(items=[ArchivedSummary(**_summary(row)) for row in found.items], next=found.next)


@router.get("/archived-tasks/{task}")
async def get_archived_task(
    task: str, session: SessionDep, principal: PrincipalDep, archive: ArchiveServiceDep
) -> ArchivedView:
    """Everything that was kept of a task."""
    return _view(await archive.get(session, principal, task))


@router.post("/archived-tasks/{task}:rerun", status_code=201)
async def rerun_archived_task(
    task: str,
    body: ArchivedRerunBody,
    session: SessionDep,
    principal: PrincipalDep,
    reruns: ArchiveRerunsDep,
    tasks: TaskServiceDep,
    idempotency_key: IdempotencyKey = None,
) -> TaskView:
    """Starts a new task of the same flow from its beginning, with the inputs the archived one had."""
    left_out = None if body.leave_out is None else tuple(body.leave_out)
    wanted = ArchivedRerun(body.name, body.inputs, body.revision, left_out, idempotency_key)
    return task_view(await tasks.launched(session, principal, await reruns.rerun(session, principal, task, wanted)))


@router.get("/projects/{project}/task-retention")
async def get_task_retention(
    project: Project, session: SessionDep, principal: PrincipalDep, archive: ArchiveServiceDep
) -> RetentionView:
    return _retention(await archive.retention(session, principal, project))


@router.put("/projects/{project}/task-retention")
async def put_task_retention(
    project: Project, body: RetentionBody, session: SessionDep, principal: PrincipalDep, archive: ArchiveServiceDep
) -> RetentionView:
    """For how long tasks that ended stay as they are before they go to the archive, and for how long there."""
    return _retention(await archive.set_retention(session, principal, project, body.days, body.archive_days))


@router.delete("/projects/{project}/task-retention")
async def remove_task_retention(
    project: Project, session: SessionDep, principal: PrincipalDep, archive: ArchiveServiceDep
) -> RetentionView:
    """Has the platform's settings hold again."""
    return _retention(await archive.reset_retention(session, principal, project))


def _summary(row: ArchivedTask) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ArchivedSummary.model_fields}


def _view(story: Story) -> ArchivedView:
    kept = story.record
    return ArchivedView(
        **_summary(story.row),
        inputs=masked(kept.task["inputs"]),
        outputs=masked(kept.task["outputs"]),
        scopes=kept.task["scopes"],
        definition=masked(story.definition),
        runs=[_shown(row) for row in kept.runs],
        history=masked(kept.events),
        operations=masked(kept.messages),
        calls=[dict(row) for row in kept.calls],
        log=masked(kept.log),
        cancellations=[_shown(row) for row in kept.cancellations],
    )


def _shown(row: Row) -> dict[str, Any]:
    """Without what its plugin kept."""
    return {name: masked(value) for name, value in row.items() if name != "storage"}


def _retention(kept: Kept) -> RetentionView:
    return RetentionView(days=kept.days, archive_days=kept.archive_days, own=kept.own)
