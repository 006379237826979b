from typing import Annotated

from fastapi import APIRouter, Path

from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute
from orchestrator.common_flows.schemas import InProject
from orchestrator.dependencies import MiniAppDeskDep, MiniAppServiceDep, TaskServiceDep
from orchestrator.launch.endpoints import IdempotencyKey, form_view
from orchestrator.mini_apps.desk import AppLaunch
from orchestrator.mini_apps.models import MiniApp
from orchestrator.mini_apps.schemas import (
    AppLaunchBody,
    AppPageView,
    MiniAppBody,
    MiniAppChange,
    MiniAppReplacement,
    MiniAppSummary,
    MiniAppView,
)
from orchestrator.mini_apps.service import Wanted
from orchestrator.tasks.schemas import TaskSummary, TaskView
from orchestrator.tasks.views import task_summary, task_view

router = APIRouter(tags=["mini-apps"], route_class=StrictJsonRoute)

AppCode = Annotated[str, Path(pattern=r"^[a-z0-9-]{2,64}$")]


@router.get("/mini-apps")
async def list_openable_apps(
    session: SessionDep, principal: PrincipalDep, desk: MiniAppDeskDep, page: PageDep
) -> Page[MiniAppSummary]:
    """Those the caller may open."""
    found = await desk.openable(session, principal, page)
    return Page(items=[MiniAppSummary.model_validate(app.model_dump()) for app in found.items], next=found.next)


@router.get("/projects/{project}/mini-apps")
async def list_mini_apps(
    project: str, session: SessionDep, principal: PrincipalDep, apps: MiniAppServiceDep, page: PageDep
) -> Page[MiniAppView]:
    """All of a project, with their settings."""
    found = await apps.list_in_project(session, principal, project, page)
    return Page(items=[_view(app) for app in found.items], next=found.next)


@router.post("/flows/{flow}/mini-apps", status_code=201)
async def create_mini_app(
    flow: str,
    body: MiniAppBody,
    session: SessionDep,
    principal: PrincipalDep,
    apps: MiniAppServiceDep,
    project: InProject = None,
) -> MiniAppView:
    """Publishes the flow as an app with an address of its own."""
    return _view(await apps.create(session, principal, flow, body.code, _wanted(body), project))


@router.get("/mini-apps/{app}")
async def get_mini_app(
    app: AppCode, session: SessionDep, principal: PrincipalDep, apps: MiniAppServiceDep
) -> MiniAppView:
    return _view(await apps.get(session, principal, app))


@router.put("/mini-apps/{app}")
async def replace_mini_app(
    app: AppCode, body: MiniAppReplacement, session: SessionDep, principal: PrincipalDep, apps: MiniAppServiceDep
) -> MiniAppView:
    """Refused when somebody changed it since `version`."""
    return _view(await apps.replace(session, principal, app, _wanted(body), body.version))


@router.delete("/mini-apps/{app}", status_code=204)
async def delete_mini_app(app: AppCode, session: SessionDep, principal: PrincipalDep, apps: MiniAppServiceDep) -> None:
    """Its tasks stay."""
    await apps.remove(session, principal, app)


@router.get("/mini-apps/{app}/page")
async def open_mini_app(
    app: AppCode, session: SessionDep, principal: PrincipalDep, desk: MiniAppDeskDep
) -> AppPageView:
    """What the app's page shows: its form, without what is fixed."""
    opened = await desk.open(session, principal, app)
    return AppPageView(
        **MiniAppSummary.model_validate(opened.app.model_dump()).model_dump(),
        project_id=opened.app.project_id,
        flow_id=opened.app.flow_id,
        revision=opened.revision,
        form=form_view(opened.form),
        manages=opened.manages,
    )


@router.get("/mini-apps/{app}/tasks")
async def list_app_tasks(
    app: AppCode,
    session: SessionDep,
    principal: PrincipalDep,
    desk: MiniAppDeskDep,
    page: PageDep,
    everybodys: bool = False,  # noqa: FBT001, FBT002  a query parameter
) -> Page[TaskSummary]:
    """The caller's own, the newest first; with `everybodys` all of them, for who may see tasks of the flow."""
    found = await desk.tasks(session, principal, app, page, everybodys=everybodys)
    return Page(items=[task_summary(task) for task in found.items], next=found.next)


@router.post("/mini-apps/{app}/tasks", status_code=201)
async def launch_mini_app(
    app: AppCode,
    body: AppLaunchBody,
    session: SessionDep,
    principal: PrincipalDep,
    desk: MiniAppDeskDep,
    tasks: TaskServiceDep,
    idempotency_key: IdempotencyKey = None,
) -> TaskView:
    """Starts a task of the app; a repeat with the same `Idempotency-Key` answers with the first one."""
    launch = AppLaunch(body.inputs, body.name, body.revision, idempotency_key)
    return task_view(await tasks.launched(session, principal, await desk.launch(session, principal, app, launch)))


def _wanted(body: MiniAppChange) -> Wanted:
    return Wanted(
        body.name,
        body.text,
        body.icon.value,
        body.colour,
        body.revision,
        body.fixed,
        tuple(dict.fromkeys(body.leave_out)),
        tuple(dict.fromkeys(body.schemes)),
        body.open_to_all,
        body.enabled,
        body.expires_at,
    )


def _view(app: MiniApp) -> MiniAppView:
    return MiniAppView.model_validate(app.model_dump())
