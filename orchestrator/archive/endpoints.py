from typing import Annotated, Any

from fastapi import APIRouter, Path

from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute
from kernel.secret_handles import masked
from orchestrator.archive.models import ArchivedTask
from orchestrator.archive.schemas import ArchivedSummary, ArchivedView, RetentionBody, RetentionView
from orchestrator.archive.service import Kept, Story
from orchestrator.dependencies import ArchiveServiceDep

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


@router.get("/projects/{project}/task-retention")
async def get_task_retention(
    project: Project, session: SessionDep, principal: PrincipalDep, archive: ArchiveServiceDep
) -> RetentionView:
    return _retention(await archive.retention(session, principal, project))


@router.put("/projects/{project}/task-retention")
async def put_task_retention(
    project: Project, body: RetentionBody, session: SessionDep, principal: PrincipalDep, archive: ArchiveServiceDep
) -> RetentionView:
    """For how long tasks that ended stay as they are before they go to the archive."""
    return _retention(await archive.set_retention(session, principal, project, body.days))


def _summary(row: ArchivedTask) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ArchivedSummary.model_fields}


def _view(story: Story) -> ArchivedView:
    """Secrets hidden, as in the view of a task; what plugins kept for themselves between their calls is theirs."""
    kept = story.record
    return ArchivedView(
        **_summary(story.row),
        inputs=masked(kept.task["inputs"]),
        outputs=masked(kept.task["outputs"]),
        scopes=kept.task["scopes"],
        definition=masked(story.definition),
        runs=[masked({name: value for name, value in row.items() if name != "storage"}) for row in kept.runs],
        history=masked(kept.events),
        operations=masked(kept.messages),
        calls=[dict(row) for row in kept.calls],
        log=masked(kept.log),
    )


def _retention(kept: Kept) -> RetentionView:
    return RetentionView(days=kept.days, own=kept.own)
