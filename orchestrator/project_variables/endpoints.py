from typing import Annotated

from fastapi import APIRouter, Path, Query

from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute
from orchestrator.dependencies import ProjectVariableServiceDep
from orchestrator.project_variables.models import ProjectVariable
from orchestrator.project_variables.schemas import (
    ProjectVariableBody,
    ProjectVariableChange,
    ProjectVariableList,
    ProjectVariableView,
)
from orchestrator.project_variables.service import Wanted, kind_of
from orchestrator.project_variables.use_views import FlowUseList, view_of_flow_uses

router = APIRouter(tags=["project variables"], route_class=StrictJsonRoute)

Name = Annotated[str, Path(pattern=r"^[^\x00]{1,64}$")]
Version = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


@router.get("/projects/{project}/variables")
async def list_project_variables(
    project: str, session: SessionDep, principal: PrincipalDep, variables: ProjectVariableServiceDep
) -> ProjectVariableList:
    """What every flow of the project may use, by name."""
    return ProjectVariableList(items=[_view(each) for each in await variables.list_in(session, principal, project)])


@router.post("/projects/{project}/variables", status_code=201)
async def create_project_variable(
    project: str,
    body: ProjectVariableBody,
    session: SessionDep,
    principal: PrincipalDep,
    variables: ProjectVariableServiceDep,
) -> ProjectVariableView:
    return _view(await variables.create(session, principal, project, _wanted(body)))


@router.get("/projects/{project}/variables/{name}")
async def get_project_variable(
    project: str, name: Name, session: SessionDep, principal: PrincipalDep, variables: ProjectVariableServiceDep
) -> ProjectVariableView:
    return _view(await variables.get(session, principal, project, name))


@router.put("/projects/{project}/variables/{name}")
async def change_project_variable(
    project: str,
    name: Name,
    body: ProjectVariableChange,
    session: SessionDep,
    principal: PrincipalDep,
    variables: ProjectVariableServiceDep,
) -> ProjectVariableView:
    """Holds for tasks launched from now on."""
    return _view(
        await variables.change(session, principal, project, name, _wanted(body), body.version, force=body.force)
    )


@router.delete("/projects/{project}/variables/{name}", status_code=204)
async def remove_project_variable(
    project: str,
    name: Name,
    session: SessionDep,
    principal: PrincipalDep,
    variables: ProjectVariableServiceDep,
    version: Version = None,
    force: bool = False,  # noqa: FBT001, FBT002  a query parameter
) -> None:
    """One that flows name is removed with `force` alone; tasks that were launched with it keep its value."""
    await variables.remove(session, principal, project, name, version, force=force)


@router.get("/projects/{project}/variables/{name}/uses")
async def list_project_variable_uses(
    project: str, name: Name, session: SessionDep, principal: PrincipalDep, variables: ProjectVariableServiceDep
) -> FlowUseList:
    """Drafts, newest revisions and those that schedules are pinned to of the project's flows that name it, and common
    flows that do.
    """
    return view_of_flow_uses(await variables.uses(session, principal, project, name))


def _wanted(body: ProjectVariableBody) -> Wanted:
    return Wanted(body.name, body.title, body.description, body.value)


def _view(variable: ProjectVariable) -> ProjectVariableView:
    return ProjectVariableView.model_validate({**variable.model_dump(), "kind": kind_of(variable.value)})
