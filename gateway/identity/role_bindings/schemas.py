from typing import Annotated, Literal

from pydantic import Field

from gateway.fields import Input, Username, View
from gateway.identity.authorization.models import CMDB, GIVEN, IDENTITY_PROVIDER
from kernel.contracts.authorizer import HeldRole

Origin = Literal["given", "cmdb", "identity-provider"]


class HeldRoleView(View):
    """A role and where it comes from.

    Attributes:
        given_by: who gave it by hand; empty where that isn't known.
        provider: the identity provider whose word it is.
    """

    role: str
    origin: Origin
    given_by: str
    provider: str | None = None

    @classmethod
    def of(cls, held: HeldRole) -> "HeldRoleView":
        if held.origin.startswith(IDENTITY_PROVIDER):
            provider = held.origin.removeprefix(IDENTITY_PROVIDER)
            return cls(role=held.role, origin="identity-provider", given_by="", provider=provider)
        if held.origin == CMDB:
            return cls(role=held.role, origin="cmdb", given_by="")
        return cls(role=held.role, origin=GIVEN, given_by=held.given_by)


class RolesOfPerson(Input):
    """Attributes:
    roles: those he shall hold by hand; none takes them all away. What comes from elsewhere stays.
    """

    username: Username
    roles: Annotated[list[Annotated[str, Field(pattern=r"^[a-z]{1,32}$")]], Field(max_length=20)]


class PersonRolesView(View):
    username: str
    display_name: str
    roles: list[HeldRoleView]


class RolesView(View):
    """Attributes:
    offered: the roles there are on such a resource.
    """

    resource: str
    offered: list[str]
    items: list[PersonRolesView]
