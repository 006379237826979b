from typing import Annotated

from fastapi import APIRouter, Query

from gateway.dependencies import GatewayDep
from gateway.fields import ProjectPath, UsernamePath
from gateway.identity.projects.schemas import (
    MemberRoles,
    MemberView,
    NewProject,
    OfferedPeople,
    OfferedPerson,
    ProjectView,
)
from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/projects", tags=["projects"], route_class=StrictJsonRoute)

PeopleSearch = Annotated[
    str, Query(max_length=100, pattern=r"^[^\x00]*$", description="Part of the user name or the name")
]


@router.get("")
async def list_projects(
    session: SessionDep, principal: PrincipalDep, page: PageDep, gateway: GatewayDep
) -> Page[ProjectView]:
    found = await gateway.identity.projects.browse(session, principal, page)
    return Page(items=[ProjectView.model_validate(project) for project in found.items], next=found.next)


@router.post("", status_code=201)
async def create_project(
    body: NewProject, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> ProjectView:
    project = await gateway.identity.projects.create(
        session, principal, code=body.code, name=body.name, description=body.description
    )
    return ProjectView.model_validate(project)


@router.get("/{project}")
async def get_project(
    project: ProjectPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> ProjectView:
    return ProjectView.model_validate(await gateway.identity.projects.get(session, principal, project))


@router.get("/{project}/members")
async def list_members(
    project: ProjectPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> Page[MemberView]:
    members = await gateway.identity.projects.members(session, principal, project)
    return Page(items=[MemberView(username=name, roles=roles) for name, roles in members.items()])


@router.get("/{project}/people")
async def offer_people(
    project: ProjectPath,
    session: SessionDep,
    principal: PrincipalDep,
    gateway: GatewayDep,
    search: PeopleSearch = "",
) -> OfferedPeople:
    """At most 20 people for a field that names some: members of the project, and with a search of at least two letters
    others who may sign in.
    """
    found = await gateway.identity.projects.people(session, principal, project, search.strip())
    return OfferedPeople(
        items=[
            OfferedPerson(username=user.username, display_name=user.display_name, is_member=is_member)
            for user, is_member in found
        ]
    )


@router.put("/{project}/members/{username}")
async def set_member(
    project: ProjectPath,
    username: UsernamePath,
    body: MemberRoles,
    session: SessionDep,
    principal: PrincipalDep,
    gateway: GatewayDep,
) -> MemberView:
    members = await gateway.identity.projects.set_member(session, principal, project, username, frozenset(body.roles))
    return MemberView(username=username, roles=members.get(username, []))
