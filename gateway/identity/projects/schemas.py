from typing import Annotated, Literal

from pydantic import Field

from gateway.fields import Input, ProjectCode, RequiredLine, Text, Time, View

ProjectRole = Literal["owner", "maintainer", "developer", "operator", "viewer", "auditor"]


class NewProject(Input):
    code: ProjectCode
    name: RequiredLine
    description: Text = ""


class ProjectView(View):
    id: str
    code: str
    name: str
    description: str
    service_app_code: str
    created_at: Time


class MemberRoles(Input):
    roles: Annotated[list[ProjectRole], Field(max_length=6)]


class OfferedPerson(View):
    """Somebody a field for people offers."""

    username: str
    display_name: str
    is_member: bool


class OfferedPeople(View):
    items: list[OfferedPerson]


class MemberView(View):
    username: str
    roles: list[str]
