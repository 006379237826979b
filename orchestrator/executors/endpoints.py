from typing import Annotated

from fastapi import APIRouter, Path

from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute
from orchestrator.dependencies import ConsentServiceDep, ProjectExecutorServiceDep
from orchestrator.executors.of_projects import Named
from orchestrator.executors.schemas import (
    ExecutorConsentBody,
    ExecutorConsentList,
    ExecutorConsentView,
    ExecutorRequestList,
    ExecutorRequestView,
    ProjectExecutorBody,
    ProjectExecutorView,
)
from orchestrator.executors.service import Asked, Given, Wanted

router = APIRouter(tags=["executors"], route_class=StrictJsonRoute)

Project = Annotated[str, Path(pattern=r"^[^\x00]{1,64}$")]
ConsentId = Annotated[str, Path(pattern=r"^[^\x00]{1,64}$")]


@router.get("/executor-consents")
async def list_executor_consents(
    session: SessionDep, principal: PrincipalDep, consents: ConsentServiceDep
) -> ExecutorConsentList:
    """Those that let nodes call in the caller's name, and those that did."""
    return ExecutorConsentList(items=[_consent(each) for each in await consents.own(session, principal)])


@router.post("/executor-consents", status_code=201)
async def give_executor_consent(
    body: ExecutorConsentBody, session: SessionDep, principal: PrincipalDep, consents: ConsentServiceDep
) -> ExecutorConsentView:
    """Lets nodes of a flow, or all of a project's tasks, call in the caller's name; replaces an earlier one there."""
    wanted = Wanted(body.project, body.flow, body.revision, body.scopes, body.days)
    return _consent(await consents.give(session, principal, wanted))


@router.delete("/executor-consents/{consent}", status_code=204)
async def revoke_executor_consent(
    consent: ConsentId, session: SessionDep, principal: PrincipalDep, consents: ConsentServiceDep
) -> None:
    """The next call that needs it fails already."""
    await consents.revoke(session, principal, consent)


@router.get("/executor-requests")
async def list_executor_requests(
    session: SessionDep, principal: PrincipalDep, consents: ConsentServiceDep
) -> ExecutorRequestList:
    """Projects and published flows that name the caller as executor."""
    return ExecutorRequestList(items=[_request(each) for each in await consents.requests(session, principal)])


@router.get("/projects/{project}/executor")
async def get_project_executor(
    project: Project, session: SessionDep, principal: PrincipalDep, executors: ProjectExecutorServiceDep
) -> ProjectExecutorView:
    """In whose name the project's tasks call where their flows name nobody."""
    return _named(await executors.get(session, principal, project))


@router.put("/projects/{project}/executor")
async def put_project_executor(
    project: Project,
    body: ProjectExecutorBody,
    session: SessionDep,
    principal: PrincipalDep,
    executors: ProjectExecutorServiceDep,
) -> ProjectExecutorView:
    """Holds for tasks launched from now on, as far as the person consents."""
    return _named(await executors.put(session, principal, project, body.username))


def _consent(given: Given) -> ExecutorConsentView:
    consent = given.consent
    return ExecutorConsentView(
        id=consent.id,
        project_id=consent.project_id,
        project_code=given.project.code,
        flow_id=consent.flow_id,
        flow_name=given.flow_name,
        revision=consent.revision,
        scopes=consent.scopes,
        given_at=consent.given_at,
        expires_at=consent.expires_at,
        revoked_at=consent.revoked_at,
    )


def _request(asked: Asked) -> ExecutorRequestView:
    flow = asked.flow
    return ExecutorRequestView(
        project_id=asked.project.id,
        project_code=asked.project.code,
        flow_id=flow.id if flow is not None else "",
        flow_name=flow.name if flow is not None else "",
        latest_revision=flow.latest_revision if flow is not None else None,
        scopes=sorted(asked.scopes),
        asked_by=asked.by,
        asked_at=asked.at,
        lack=asked.lack,
    )


def _named(named: Named) -> ProjectExecutorView:
    return ProjectExecutorView(username=named.username, set_by=named.by, set_at=named.at, lack=named.lack)
