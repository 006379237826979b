from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query

from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute
from orchestrator.dependencies import HandoverServiceDep
from orchestrator.handover.schemas import (
    AdjustBody,
    RejectBody,
    RequestForm,
    RequestStartBody,
    RequestView,
    SubmitBody,
)
from orchestrator.handover.service import Seen, Submission
from orchestrator.handover.states import RequestState, changes
from orchestrator.launch.endpoints import form_view, launchable_view
from orchestrator.launch.schemas import LaunchableView

router = APIRouter(tags=["task-requests"], route_class=StrictJsonRoute)

States = Annotated[list[RequestState] | None, Query(alias="state", description="one or several")]


@router.get("/requestable")
async def list_requestable(
    session: SessionDep, principal: PrincipalDep, handover: HandoverServiceDep, page: PageDep
) -> Page[LaunchableView]:
    """Flows the caller may ask for a task of."""
    found = await handover.requestable(session, principal, page)
    return Page(items=[launchable_view(each) for each in found.items], next=found.next)


@router.get("/flows/{flow}/request-form")
async def get_request_form(
    flow: str, session: SessionDep, principal: PrincipalDep, handover: HandoverServiceDep
) -> RequestForm:
    """What is asked of who asks for a task."""
    found = await handover.form(session, principal, flow)
    return RequestForm(
        flow_id=found.flow.id,
        project_id=found.flow.project_id,
        revision=found.revision,
        name=found.flow.name,
        description=found.flow.description,
        form=form_view(found.form),
    )


@router.post("/flows/{flow}/task-requests", status_code=201)
async def submit_request(
    flow: str, body: SubmitBody, session: SessionDep, principal: PrincipalDep, handover: HandoverServiceDep
) -> RequestView:
    """Asks for a task of the flow that an operator is to run."""
    submission = Submission(body.inputs, body.name, body.note)
    return _view(await handover.submit(session, principal, flow, submission))


@router.get("/task-requests")
async def list_own_requests(
    session: SessionDep, principal: PrincipalDep, handover: HandoverServiceDep, page: PageDep, state: States = None
) -> Page[RequestView]:
    """What the caller asked for, the newest first."""
    found = await handover.list_own(session, principal, state or (), page)
    return Page(items=[_view(each) for each in found.items], next=found.next)


@router.get("/projects/{project}/task-requests")
async def list_requests(
    project: str,
    session: SessionDep,
    principal: PrincipalDep,
    handover: HandoverServiceDep,
    page: PageDep,
    state: States = None,
) -> Page[RequestView]:
    """For operators of the project, the newest first."""
    found = await handover.list_in_project(session, principal, project, state or (), page)
    return Page(items=[_view(each) for each in found.items], next=found.next)


@router.get("/task-requests/{request}")
async def get_request(
    request: str, session: SessionDep, principal: PrincipalDep, handover: HandoverServiceDep
) -> RequestView:
    return _view(await handover.get(session, principal, request))


@router.post("/task-requests/{request}:claim")
async def claim_request(
    request: str, session: SessionDep, principal: PrincipalDep, handover: HandoverServiceDep
) -> RequestView:
    """Makes it the caller's to run, for eight hours; of several who claim it at once one has it."""
    return _view(await handover.claim(session, principal, request))


@router.post("/task-requests/{request}:release")
async def release_request(
    request: str, session: SessionDep, principal: PrincipalDep, handover: HandoverServiceDep
) -> RequestView:
    """Lets others claim it."""
    return _view(await handover.release(session, principal, request))


@router.put("/task-requests/{request}/inputs")
async def adjust_request(
    request: str, body: AdjustBody, session: SessionDep, principal: PrincipalDep, handover: HandoverServiceDep
) -> RequestView:
    """Other inputs than were asked for, by who claimed it."""
    return _view(await handover.adjust(session, principal, request, body.inputs))


@router.post("/task-requests/{request}:start")
async def start_request(
    request: str,
    session: SessionDep,
    principal: PrincipalDep,
    handover: HandoverServiceDep,
    body: RequestStartBody | None = None,
) -> RequestView:
    """Runs it, by who claimed it; who asked may watch the task."""
    secrets = {} if body is None else body.secrets
    return _view(await handover.start(session, principal, request, secrets))


@router.post("/task-requests/{request}:reject")
async def reject_request(
    request: str, body: RejectBody, session: SessionDep, principal: PrincipalDep, handover: HandoverServiceDep
) -> RequestView:
    return _view(await handover.reject(session, principal, request, body.reason))


@router.post("/task-requests/{request}:withdraw")
async def withdraw_request(
    request: str, session: SessionDep, principal: PrincipalDep, handover: HandoverServiceDep
) -> RequestView:
    """By who asked, as long as nobody has started it."""
    return _view(await handover.withdraw(session, principal, request))


def _view(seen: Seen) -> RequestView:
    request = seen.request
    changed = [asdict(change) for change in changes(request.asked, request.inputs)]
    return RequestView.model_validate({**request.model_dump(), "changes": changed, "task_state": seen.task_state})
