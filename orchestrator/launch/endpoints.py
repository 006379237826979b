from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Header, Path, Request

from kernel.contracts.authenticator import Authenticator
from kernel.db.database import Database
from kernel.forms.model import Form
from kernel.http.dependencies import ONLY_READS, PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute
from orchestrator.common_flows.schemas import InProject
from orchestrator.dependencies import ForesightDep, LaunchServiceDep, TaskServiceDep
from orchestrator.launch.requests import LaunchRequest
from orchestrator.launch.schemas import (
    InputsFormView,
    LaunchableView,
    LaunchBody,
    LaunchFormView,
    LaunchPreviewBody,
    LaunchPreviewView,
    OnceBody,
    OptionalNode,
    ProjectRef,
    ReviewBody,
    ReviewView,
)
from orchestrator.launch.service import Launchable
from orchestrator.launch.without_flow import OnceLaunch
from orchestrator.tasks.schemas import TaskView
from orchestrator.tasks.views import task_view

router = APIRouter(tags=["launch"], route_class=StrictJsonRoute)

Username = Annotated[str, Path(pattern=r"^[^\x00-\x1f\x7f/]{1,128}$")]
IdempotencyKey = Annotated[str | None, Header(pattern=r"^[\x21-\x7e]{1,255}$")]


@router.get("/launchable")
async def list_launchable(
    session: SessionDep, principal: PrincipalDep, launches: LaunchServiceDep, page: PageDep
) -> Page[LaunchableView]:
    """Flows the caller may launch."""
    found = await launches.launchable(session, principal, page)
    return Page(items=[launchable_view(each) for each in found.items], next=found.next)


@router.get("/flows/{flow}/launch-form")
async def get_launch_form(
    flow: str,
    session: SessionDep,
    principal: PrincipalDep,
    launches: LaunchServiceDep,
    project: InProject = None,
) -> LaunchFormView:
    """What the flow's latest revision asks for."""
    found = await launches.form(session, principal, flow, project)
    return LaunchFormView(
        flow_id=found.flow.id,
        project_id=found.project_id,
        revision=found.revision,
        name=found.flow.name,
        description=found.flow.description,
        form=form_view(found.form),
        optional=[OptionalNode(id=node, name=name) for node, name in found.optional.items()],
    )


@router.put("/flows/{flow}/launchers/{username}", status_code=204)
async def add_launcher(
    flow: str, username: Username, session: SessionDep, principal: PrincipalDep, launches: LaunchServiceDep
) -> None:
    """Lets a person launch this flow, and nothing more."""
    await launches.add_launcher(session, principal, flow, username)


@router.delete("/flows/{flow}/launchers/{username}", status_code=204)
async def remove_launcher(
    flow: str, username: Username, session: SessionDep, principal: PrincipalDep, launches: LaunchServiceDep
) -> None:
    await launches.remove_launcher(session, principal, flow, username)


@router.post("/flows/{flow}/tasks", status_code=201)
async def launch_task(
    flow: str,
    body: LaunchBody,
    session: SessionDep,
    principal: PrincipalDep,
    launches: LaunchServiceDep,
    tasks: TaskServiceDep,
    idempotency_key: IdempotencyKey = None,
) -> TaskView:
    """Makes a task and starts it; a repeat with the same `Idempotency-Key` answers with the first one."""
    left_out = tuple(body.leave_out)
    request = LaunchRequest(
        flow, body.inputs, body.name, body.revision, idempotency_key, left_out, body.start, body.callback_url,
        schemes=tuple(body.schemes), project=body.project,
    )  # fmt: skip
    task_id = await launches.launch(session, principal, request)
    return task_view(await tasks.launched(session, principal, task_id))


@router.post("/flows/{flow}:preview", dependencies=[ONLY_READS])
async def preview_task(
    flow: str, body: LaunchPreviewBody, session: SessionDep, principal: PrincipalDep, launches: LaunchServiceDep
) -> LaunchPreviewView:
    """What a task without these nodes would run; nothing is made."""
    request = LaunchRequest(
        flow, {}, revision=body.revision, leave_out=tuple(body.leave_out), schemes=tuple(body.schemes),
        project=body.project,
    )  # fmt: skip
    revision, definition = await launches.preview(session, principal, request)
    return LaunchPreviewView(revision=revision, definition=definition)


@router.post("/flows/{flow}:review")
async def review_launch(
    flow: str, body: ReviewBody, request: Request, launches: LaunchServiceDep, foresight: ForesightDep
) -> ReviewView:
    """What a launch lacks, and what each step would be given, as far as it is known before; nothing is made.

    Steps that only read, and before which nothing changes, are asked for what they give now, for at most five seconds.
    """
    launch = LaunchRequest(
        flow, body.inputs, body.name, body.revision, leave_out=tuple(body.leave_out), schemes=tuple(body.schemes),
        project=body.project,
    )  # fmt: skip
    # No transaction is open while others are asked.
    database: Database = request.app.state.database
    authenticator: Authenticator = request.app.state.authenticator
    async with database.reading() as session:
        principal = await authenticator.authenticate(session, request)
        outlook = await launches.look(session, principal, launch)
    return ReviewView.model_validate(asdict(await foresight.review(outlook)))


@router.post("/projects/{project}/tasks", status_code=201)
async def launch_once(
    project: str,
    body: OnceBody,
    session: SessionDep,
    principal: PrincipalDep,
    launches: LaunchServiceDep,
    tasks: TaskServiceDep,
) -> TaskView:
    """Makes a task of a definition that is no flow's, for those who could have made a flow of it."""
    launch = OnceLaunch(project, body.name, body.definition, body.inputs, body.start)
    return task_view(await tasks.launched(session, principal, await launches.launch_once(session, principal, launch)))


def launchable_view(found: Launchable) -> LaunchableView:
    """A flow as it is offered to launch, or to ask for."""
    project = ProjectRef(id=found.project.id, code=found.project.code, name=found.project.name)
    return LaunchableView(
        flow_id=found.flow.id,
        project=project,
        name=found.flow.name,
        description=found.flow.description,
        revision=found.flow.latest_revision or 0,
    )


def form_view(form: Form) -> InputsFormView:
    """A form as it goes over the wire."""
    document = form.document()
    return InputsFormView(schema_=document["schema"], uischema=document["uischema"], i18n=document["i18n"])
