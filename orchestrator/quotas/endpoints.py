from typing import Annotated

from fastapi import APIRouter, Path

from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute
from orchestrator.dependencies import QuotaServiceDep
from orchestrator.launch.schemas import ProjectRef
from orchestrator.quotas.schemas import ProjectQuotaView, QuotaBody, QuotaView
from orchestrator.quotas.service import Limits, Standing

router = APIRouter(tags=["quotas"], route_class=StrictJsonRoute)

Project = Annotated[str, Path(pattern=r"^[^\x00]{1,64}$")]


@router.get("/quotas")
async def get_default_quotas(session: SessionDep, principal: PrincipalDep, quotas: QuotaServiceDep) -> QuotaView:
    """What projects may have at once that have no quotas of their own."""
    return _view(await quotas.get(session, principal, None))


@router.put("/quotas")
async def put_default_quotas(
    body: QuotaBody, session: SessionDep, principal: PrincipalDep, quotas: QuotaServiceDep
) -> QuotaView:
    return _view(await quotas.put(session, principal, None, Limits(**body.model_dump())))


@router.delete("/quotas")
async def remove_default_quotas(session: SessionDep, principal: PrincipalDep, quotas: QuotaServiceDep) -> QuotaView:
    return _view(await quotas.remove(session, principal, None))


@router.get("/quotas/projects")
async def list_project_quotas(
    session: SessionDep, principal: PrincipalDep, quotas: QuotaServiceDep
) -> Page[ProjectQuotaView]:
    """Projects that have quotas of their own or tasks now, with what they may have and have."""
    found = await quotas.overview(session, principal)
    items = [
        ProjectQuotaView(
            project=ProjectRef(id=project.id, code=project.code, name=project.name), **_view(standing).model_dump()
        )
        for project, standing in found
    ]
    return Page(items=items)


@router.get("/projects/{project}/quotas")
async def get_quotas(
    project: Project, session: SessionDep, principal: PrincipalDep, quotas: QuotaServiceDep
) -> QuotaView:
    """What the project may have at once, and has."""
    return _view(await quotas.get(session, principal, project))


@router.put("/projects/{project}/quotas")
async def put_quotas(
    project: Project, body: QuotaBody, session: SessionDep, principal: PrincipalDep, quotas: QuotaServiceDep
) -> QuotaView:
    """Replaces them as a whole. Tasks that run go on; those that wait begin as soon as there is room."""
    return _view(await quotas.put(session, principal, project, Limits(**body.model_dump())))


@router.delete("/projects/{project}/quotas")
async def remove_quotas(
    project: Project, session: SessionDep, principal: PrincipalDep, quotas: QuotaServiceDep
) -> QuotaView:
    """Has those for all hold again."""
    return _view(await quotas.remove(session, principal, project))


def _view(standing: Standing) -> QuotaView:
    limits = standing.limits
    return QuotaView(
        running_tasks=limits.running_tasks,
        queued_tasks=limits.queued_tasks,
        launches_per_minute=limits.launches_per_minute,
        calls_at_once=limits.calls_at_once,
        own=standing.own,
        running=standing.running,
        queued=standing.queued,
        launched=standing.launched,
    )
